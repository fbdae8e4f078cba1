import { sql } from "../../../shared/sql.ts";

/** `:sessionIds` is a JSON array. */
export const revokeSessions = sql(`
	insert into revoked_sessions (session_id, revoked_at) select value, :now from json_each(:sessionIds) where true
	on conflict do nothing`);
