export { cronRuns } from "../../shared/messaging/tables.ts";
