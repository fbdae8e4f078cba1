export { seed } from "../../scripts/seed.ts";
