import { sql } from "../../../shared/sql.ts";

const columns = "name, email, active, skills, regions, hours, absences, capacity";
const fields = `id, ${columns}, version`;

/** All that an expert is, as JSON: the same in `audit`. */
const picture = `json_object('version', version, 'name', name, 'email', email, 'active', json(iif(active, 'true', 'false')),
	'skills', json(skills), 'regions', json(regions), 'hours', json(hours), 'absences', json(absences), 'capacity', capacity)`;

/** Of the values to be written: nobody else has the e-mail, and no more than `:mostActive` are active. */
const roomFor = `not exists (select 1 from experts where email = :email and id <> :id)
	and (not :active or (select count(*) from (
		select 1 from experts where active = 1 and id <> :id limit :mostActive)) < :mostActive)`;

/** Hits nothing when there is such an expert already, or no room. */
export const insertExpert = sql(`
	insert into experts (id, ${columns}, version, checked_version)
	select :id, :name, :email, :active, :skills, :regions, :hours, :absences, :capacity, 1, 1
	where not exists (select 1 from experts where id = :id) and ${roomFor}`);

/** Directly after it. */
export const auditInsert = sql(`
	insert into audit (id, at, actor, action, subject, before, after)
	select :auditId, :now, :actor, 'expert_created', id, null, ${picture} from experts
	where changes() = 1 and id = :id
	returning 1`);

/** Before the change, on the old state, under its whole guard. */
export const auditChange = sql(`
	insert into audit (id, at, actor, action, subject, before, after)
	select :auditId, :now, :actor, 'expert_changed', id, ${picture}, null from experts
	where id = :id and version = :basedOn and ${roomFor}
	returning 1`);

const audited = "exists (select 1 from audit where id = :auditId)";

/** Who had the role of an expert by an address that is no expert's any more loses it. */
export const takeOldRole = sql(`
	delete from staff where role = 'expert' and ${audited}
		and email = (select email from experts where id = :id and email <> :email)`);

export const updateExpert = sql(`
	update experts set name = :name, email = :email, active = :active, skills = :skills, regions = :regions, hours = :hours,
		absences = :absences, capacity = :capacity, version = version + 1
	where id = :id and ${audited}`);

/** After the change. */
export const completeAudit = sql(`
	update audit set after = (select ${picture} from experts where id = :id) where id = :auditId`);

/** Of a new e-mail only: a role that was taken away does not come back with the next change. Whoever has another one keeps it. */
export const giveRole = sql(`
	insert into staff (email, role)
	select :email, 'expert' from audit where id = :auditId and before->>'$.email' is not :email
	on conflict do nothing`);

export const selectExpert = sql(`select ${fields} from experts where id = :id`);

export const selectEmailTaken = sql("select 1 from experts where email = :email and id <> :id");

/** When and as what an expert was created. */
export const selectCreation = sql(`
	select at, after from audit where subject = :id and action = 'expert_created' order by at limit 1`);

export const selectExperts = sql(`select ${fields} from experts where id > :id order by id limit :limit`);
export const selectExpertsByActive = sql(`
	select ${fields} from experts where active = :active and id > :id order by id limit :limit`);

export const selectExpertByEmail = sql("select id from experts where email = :email");

/** A page of an expert's visits that are not over. */
export const selectComingVisits = sql(`
	select v.starts_at, v.ends_at, t.id, t.status, t.version, t.device, t.category, t.priority, t.text, t.customer
	from visits as v cross join tickets as t on t.id = v.ticket_id
	where v.expert_id = :expertId and v.starts_at > :after
	order by v.starts_at limit :limit`);
