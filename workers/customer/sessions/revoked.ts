import { sql } from "../../../shared/sql.ts";

/** Stands in the guard of every write: a session that was signed out changes nothing any more. */
export const notRevoked = "not exists (select 1 from revoked_sessions where session_id = :sessionId)";

/** Whether that was why. Always one row. */
export const isRevoked = sql(`select not ${notRevoked} as revoked`);
