import { sql } from "../../../shared/sql.ts";

export interface WaitingRow {
	id: string;
	customer_id: string;
	version: number;
	priority: string;
	opened_at: number;
	category: string;
	region: string;
	/** `PartOfDay`s as JSON. */
	availability: string;
	waiting_reason: string | null;
	/** Ids of experts as JSON. */
	rejected_by: string;
}

/** A page of the tickets of one priority that wait, the oldest first, after `:at` and `:id`. */
export const selectWaiting = sql(`
	select id, customer_id, version, priority, opened_at, category, region, availability, waiting_reason,
		(select json_group_array(expert_id) from rejections where ticket_id = t.id) as rejected_by
	from tickets as t
	where status = 'queued' and priority = :priority and (opened_at, id) > (:at, :id)
	order by opened_at, id limit :limit`);

/** Everybody who may be sent. */
export const selectActiveExperts = sql(`
	select id, active, skills, regions, hours, absences, capacity, version from experts
	where active = 1 order by id limit :limit`);

/** When these experts already have visits, from `:from` to `:to`: one row each. */
export const selectVisitTimes = sql(`
	select e.value as expert_id, json_group_array(v.starts_at) as times
	from json_each(:expertIds) as e cross join visits as v
		on v.expert_id = e.value and v.starts_at >= :from and v.starts_at < :to
	group by e.value`);

export interface VisitRow {
	ticket_id: string;
	customer_id: string;
	expert_id: string;
	visit_from: number;
	visit_to: number;
}

/** As `tickets_unanswered` has it: a day after the assignment, and not later than the visit begins. */
export const answerBy = "case when visit_from < changed_at + 86400000 then visit_from else changed_at + 86400000 end";

/** Assigned tickets that their experts have not accepted in time. Left alone, SQLite would read all that are assigned. */
export const selectUnanswered = sql(`
	select id as ticket_id, customer_id, expert_id, visit_from, visit_to from tickets indexed by tickets_unanswered
	where status = 'assigned' and ${answerBy} <= :now
	order by ${answerBy}, id limit :limit`);

/** Experts who have changed since their visits were looked through. */
export const selectUnchecked = sql(`
	select id, active, hours, absences, version from experts where checked_version < version order by id limit :limit`);

/** Visits of an expert that have not begun. */
export const selectComing = sql(`
	select v.ticket_id, t.customer_id, v.expert_id, t.visit_from, t.visit_to
	from visits as v cross join tickets as t on t.id = v.ticket_id and t.expert_id = v.expert_id and t.visit_from = v.starts_at
	where v.expert_id = :expertId and v.starts_at > :now`);
