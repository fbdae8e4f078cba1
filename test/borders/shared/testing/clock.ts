export const noon = 43_200_000;
