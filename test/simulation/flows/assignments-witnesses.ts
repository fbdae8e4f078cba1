import { days, minutes } from "../../../shared/time.ts";

/** What a customer is told of a ticket of sysops, out of its row. */
const told = (row: string) => `json_array(
	iif(${row}.status = 'queued', iif(${row}.resolutions > 0, 'reopened', 'received'), ${row}.status), ${row}.resolutions,
	${row}.expert_name, ${row}.visit_from, ${row}.visit_to, ${row}.note, json(${row}.steps))`;
/** The same, as the customer's shard has it. */
export const shown = (row: string) => `json_array(
	${row}.status, ${row}.resolutions, ${row}.expert_name, ${row}.visit_from, ${row}.visit_to, ${row}.note, json(${row}.steps))`;

/** Every way that a ticket may go at sysops. */
const ways = {
	queued: ["assigned", "cancelled"],
	assigned: ["accepted", "queued", "cancelled"],
	accepted: ["in_progress", "queued", "cancelled"],
	in_progress: ["resolved"],
	resolved: ["queued"],
	cancelled: [],
};
const isWay = Object.entries(ways)
	.flatMap(([from, all]) => all.map((to) => `'${from} ${to}'`))
	.join(", ");

/** Notes in `violations` what is so `when` it must not be. */
const never = (what: string, id: string, when: string) => `insert into violations select '${what}: ' || ${id} where ${when};`;

const remember = `insert or replace into told values (new.id, new.version, ${told("new")}, new.expert_id);`;

/** What sysops has ever said of its tickets, and how often it has closed them; what an expert can never be sent to. */
export const sysops = `
	create table told (id text, version int, picture text, expert_id text, primary key (id, version));
	create table closed (ticket_id text, closing int, fact text, closed_at int, primary key (ticket_id, closing));
	create table pruned (id text primary key, closed_at int);
	create trigger ticket_begun after insert on tickets begin ${remember} end;
	create trigger ticket_moved after update on tickets begin
		${never("a version went back at sysops", "new.id", "new.version < old.version")}
		${never("a ticket changed under its version", "new.id", `new.version = old.version and ${told("new")} <> ${told("old")}`)}
		${never(
			"a ticket went a way that there is not",
			"new.id || ' ' || old.status || ' ' || new.status",
			`old.status <> new.status and old.status || ' ' || new.status not in (${isWay})`,
		)}
		${never(
			"a ticket was closed without counting it",
			"new.id",
			`(new.closings <> old.closings) <> (new.status in ('resolved', 'cancelled') and old.status <> new.status)
				or new.closings - old.closings not in (0, 1) or new.resolutions - old.resolutions <> (new.status = 'resolved' and old.status <> 'resolved')`,
		)}
		${remember}
		insert into closed select new.id, new.closings, json_array(new.status, new.category, new.region, new.expert_id, new.opened_at,
			new.assigned_at, new.closed_at, new.rework_of), new.closed_at where new.closings > old.closings;
	end;
	create trigger ticket_pruned after delete on tickets begin insert into pruned values (old.id, old.closed_at); end;
	create trigger visit_begun after insert on visits begin
		${never(
			"an expert was to be at two places",
			"new.expert_id",
			`exists (select 1 from visits where expert_id = new.expert_id and ticket_id <> new.ticket_id
				and starts_at < new.ends_at and ends_at > new.starts_at)`,
		)}
		${never(
			"an expert was to come more often than agreed",
			"new.expert_id",
			`(select count(*) from visits where expert_id = new.expert_id and starts_at / ${days} = new.starts_at / ${days})
				> (select capacity from experts where id = new.expert_id)`,
		)}
		${never(
			"a visit for which its expert is not the right one",
			"new.ticket_id",
			`not exists (select 1 from experts as e cross join tickets as t on t.id = new.ticket_id
				where e.id = new.expert_id and e.active and json_extract(e.skills, '$.' || t.category) is not null
					and t.region in (select value from json_each(e.regions)))`,
		)}
		${never(
			"a visit while its expert is not there",
			"new.ticket_id",
			`exists (select 1 from experts as e, json_each(e.absences) as a
				where e.id = new.expert_id and a.value->>'$.from' < new.ends_at and a.value->>'$.to' > new.starts_at)
			or not exists (select 1 from experts as e, json_each(e.hours) as h
				where e.id = new.expert_id and h.value->>'$.day' = (new.starts_at / ${days} + 3) % 7 + 1
					and h.value->>'$.from' <= new.starts_at % ${days} / ${minutes} and h.value->>'$.to' >= new.ends_at % ${days} / ${minutes})`,
		)}
		${never(
			"a visit when it does not suit the customer",
			"new.ticket_id",
			`not exists (select 1 from tickets as t, json_each(t.availability) as a where t.id = new.ticket_id
				and a.value = iif(new.starts_at % ${days} < ${days} / 2, 'morning', iif(new.starts_at % ${days} < ${days} / 3 * 2, 'afternoon', 'evening')))`,
		)}
		${never(
			"an expert got again what was rejected",
			"new.ticket_id",
			"exists (select 1 from rejections where ticket_id = new.ticket_id and expert_id = new.expert_id)",
		)}
	end;`;

/** A customer's view never goes back, and changes by a newer version alone, or by the receipt. */
export const customer = `
	create table seen (id text, version int, picture text);
	create trigger view_begun after insert on tickets when new.version > 0
	begin insert into seen values (new.id, new.version, ${shown("new")}); end;
	create trigger view_renewed after update on tickets when new.version > old.version
	begin insert into seen values (new.id, new.version, ${shown("new")}); end;
	create trigger view_changed after update on tickets begin
		${never("a version went back at its customer", "new.id", "new.version < old.version")}
		${never(
			"a view changed without a version",
			"new.id",
			`new.version = old.version and ${shown("new")} <> ${shown("old")} and old.status || new.status <> 'submittedreceived'`,
		)}
	end;`;

/** At every moment, of each ticket at sysops: where an expert is to be is in both tables, or in none. */
export const selectTornVisits = `
	select coalesce(t.id, v.ticket_id) as id from tickets as t full join visits as v on v.ticket_id = t.id
	where (t.status in ('assigned', 'accepted', 'in_progress', 'resolved')) is not (v.ticket_id is not null)
		or (v.ticket_id is not null and (v.expert_id, v.starts_at, v.ends_at) is not (t.expert_id, t.visit_from, t.visit_to))
		or (t.status = 'queued') is not (t.expert_id is null and t.status <> 'cancelled')`;
