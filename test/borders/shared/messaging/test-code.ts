export { noon } from "../testing/clock.ts";
