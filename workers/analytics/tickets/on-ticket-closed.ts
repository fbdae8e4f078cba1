import { admitted, consumption } from "../../../shared/messaging/consumption.ts";
import { addTo, dimensions, keepFacts, monthOf } from "../facts.ts";

/** What a closing adds to `handling` where it belongs: column → SQL over `closings`. No clock is trusted to be before another. */
const measures = {
	resolved: "outcome = 'resolved'",
	cancelled: "outcome = 'cancelled'",
	assigned: "assigned_at is not null",
	assign_ms: "max(0, coalesce(assigned_at - opened_at, 0))",
	resolve_ms: "iif(outcome = 'resolved', max(0, closed_at - opened_at), 0)",
	kept: "expert_id is not null",
};

/** What an expert is to answer for, though another one came. */
const ofOthers = { reopened: "rework_of is not null", rejected: "json_array_length(rejected_by)" };

const columns = [...Object.keys(measures), ...Object.keys(ofOthers)];
const selected = (values: Readonly<Record<string, string>>) => columns.map((column) => `${values[column] ?? 0} as ${column}`);
const unlessOfExpert = Object.entries(ofOthers).map(([column, value]) => [column, `iif(d.key = 'expert', 0, ${value})`]);

/** What this run has stored, whatever its messages say twice: only that is added. */
const stored = `(ticket_id, closing) in (
	select m.value->>'$.data.ticketId', m.value->>'$.data.closing' from json_each(:messages) as m) and run = :run`;

const month = `${monthOf("closed_at")} as month`;

/** A closed ticket is one fact for each time that it was closed, and counts exactly when it is stored. */
export const onTicketClosed = consumption("TicketClosed", {
	rejectWhen: `iif(${monthOf("m.value->>'$.data.closedAt'")} is null, 'no_such_time', null)`,
	effects: [
		`insert into closings (ticket_id, closing, run, outcome, category, region, expert_id, opened_at, assigned_at, closed_at, rework_of, rejected_by)
		select m.value->>'$.data.ticketId', m.value->>'$.data.closing', :run, m.value->>'$.data.outcome', m.value->>'$.data.category',
			m.value->>'$.data.region', m.value->>'$.data.expertId', m.value->>'$.data.openedAt', m.value->>'$.data.assignedAt',
			m.value->>'$.data.closedAt', m.value->>'$.data.reworkOf', m.value->'$.data.rejectedBy'
		from ${admitted} where m.value->>'$.data.closedAt' >= :now - ${keepFacts}
		on conflict do nothing`,
		addTo(
			"handling",
			columns,
			`select d.key as dimension, d.value as value, ${month}, ${selected({ ...measures, ...Object.fromEntries(unlessOfExpert) }).join(", ")}
			from closings cross join ${dimensions} as d where ${stored} and d.value is not null
			union all
			select 'expert', rework_of, ${month}, ${selected({ reopened: "1" }).join(", ")}
			from closings where ${stored} and rework_of is not null
			union all
			select 'expert', r.value, ${month}, ${selected({ rejected: "1" }).join(", ")}
			from closings cross join json_each(rejected_by) as r where ${stored}`,
		),
	],
});
