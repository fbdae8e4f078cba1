import { sql } from "../../../shared/sql.ts";

/**
 * The next version of a contract, or with `:basedOn` null its first. Hits nothing when `:basedOn` is not the newest, or
 * is withdrawn.
 */
export const insertVersion = sql(`
	insert into contract_versions (seq, contract_id, version, withdrawn, terms, digest, created_at)
	select (select coalesce(max(seq), 0) + 1 from contract_versions),
		:contractId, :version, :withdrawn, :terms, :digest, :now
	where (select max(version) from contract_versions where contract_id = :contractId) is :basedOn
		and not exists (select 1 from contract_versions where contract_id = :contractId and version = :basedOn and withdrawn)`);

/** A version as it was, behind all others in the feed. Hits nothing when there is such a version. */
export const insertLostVersion = sql(`
	insert into contract_versions (seq, contract_id, version, withdrawn, terms, digest, created_at)
	select (select coalesce(max(seq), 0) + 1 from contract_versions),
		:contractId, :version, :withdrawn, :terms, :digest, :now
	where not exists (select 1 from contract_versions where contract_id = :contractId and version = :version)`);

const picture = (version: string) => `(
	select json_object('version', version, 'withdrawn', json(iif(withdrawn, 'true', 'false')), 'terms', json(terms))
	from contract_versions where contract_id = :contractId and version = ${version})`;

/** Directly after the one version that it reports. */
export const insertAudit = sql(`
	insert into audit (id, at, actor, action, subject, before, after)
	select :auditId, :now, :actor, :action, :contractId, ${picture(":basedOn")}, ${picture(":version")}
	where changes() = 1
	returning 1`);

const fields = "seq, contract_id, version, withdrawn, terms, created_at";

/** The versions of one contract, the newest first. */
export const selectVersions = sql(`
	select ${fields} from contract_versions where contract_id = :contractId order by version desc limit :limit`);

export const selectVersion = sql(`
	select ${fields} from contract_versions where contract_id = :contractId and version = :version`);

export const selectFirstVersion = sql(`
	select terms from contract_versions where contract_id = :contractId order by version limit 1`);

/** A page of the newest version of each contract, what was changed last coming first. `:withdrawn`: 1, 0, or null for all. */
export const selectContracts = sql(`
	select ${fields} from contract_versions as c
	where seq < :at and (:withdrawn is null or withdrawn = :withdrawn)
		and not exists (select 1 from contract_versions where contract_id = c.contract_id and version > c.version)
	order by seq desc limit :limit`);

/** A page of the feed. */
export const selectFeed = sql(`select ${fields} from contract_versions where seq > :after order by seq limit :limit`);

/** The tally of the catalogue up to the end of that page, and the last sequence number that there is. */
export const tallyFeed = sql(`
	with page as (select seq from contract_versions where seq > :after order by seq limit :limit),
		upto as (select coalesce((select max(seq) from page), :after) as seq)
	select count(c.seq) as count, coalesce(max(c.seq), 0) as last, coalesce(sum(c.digest), 0) as sum,
		(select coalesce(max(seq), 0) from contract_versions) as latest
	from upto left join contract_versions as c on c.seq <= upto.seq`);
