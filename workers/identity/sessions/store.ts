import { sql } from "../../../shared/sql.ts";

const current = "token = :token and expires_at > :now";

const sessionWhere = (which: string) =>
	sql(`
	select s.id as sessionId, s.user_id as customerId, s.created_at as createdAt, s.updated_at as lastUsedAt,
		u.email, u.held_until as heldUntil
	from sessions as s join users as u on u.id = s.user_id
	where ${which} and s.expires_at > :now`);

export const selectCurrent = sessionWhere("s.token = :token");

export const selectSession = sessionWhere("s.id = :sessionId and s.user_id = :customerId");

export const touchSession = sql("update sessions set updated_at = :now where id = :sessionId");

const ending = (which: string) =>
	sql(`
	update sessions set expires_at = :now
	where user_id = (select user_id from sessions where ${current}) and expires_at > :now and ${which} returning id`);

/** Read `selectCurrent` first: the session that asks may be among those that end. */
export const endings = {
	this: ending("token = :token"),
	others: ending("token <> :token"),
	named: ending("id in (select value from json_each(:ids))"),
};

const ofCurrent = (columns: string, table: string, more: string) =>
	sql(`select ${columns} from ${table} where user_id = (select user_id from sessions where ${current}) ${more}`);

/** The newest hundred: a session lasts 7 days, and an address gets ten codes a day. */
export const selectSessions = ofCurrent(
	"id, created_at as createdAt, updated_at as lastUsedAt, user_agent as userAgent",
	"sessions",
	"and expires_at > :now order by created_at desc limit 100",
);
export const selectPasskeys = ofCurrent("id, name, created_at as createdAt", "passkeys", "order by created_at limit 100");
export const selectEmailChange = ofCurrent(
	"new_email as email, takes_effect_at as takesEffectAt",
	"email_changes",
	"and state = 'held'",
);
