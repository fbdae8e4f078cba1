/** Notes in `violations` what is so `when` it must not be. */
const never = (what: string, id: string, when = "true") => `insert into violations select '${what}: ' || ${id} where ${when};`;

const period = "new.customer_id || ' ' || new.from_at";

/**
 * What billing begins and how it ends; the ways that a period, an attempt or a document may not go. What is done within one batch
 * may be done in any order: what has to fit together is asked of whole batches, by the promises.
 */
export const billing = `
	create table attempts_begun (attempt_id text primary key, customer_id text, from_at int, number int, total_minor int, begun_at int, total_before int);
	create trigger attempt_begun after insert on attempts begin
		${never(
			"an attempt began while another one was not settled",
			"new.attempt_id",
			`exists (select 1 from attempts
			where customer_id = new.customer_id and from_at = new.from_at and attempt_id <> new.attempt_id and state in ('started', 'unknown'))`,
		)}
		${never(
			"an attempt began for a period that is paid",
			"new.attempt_id",
			`exists (select 1 from attempts
			where customer_id = new.customer_id and from_at = new.from_at and attempt_id <> new.attempt_id and state = 'approved')`,
		)}
		${never(
			"an attempt has the number of another",
			"new.attempt_id",
			`new.number <> (select count(*) from attempts
			where customer_id = new.customer_id and from_at = new.from_at)`,
		)}
		${never("an attempt began before its period was to be charged", "new.attempt_id", "new.started_at < new.from_at + 24 * 3600000")}
		insert into attempts_begun values (new.attempt_id, new.customer_id, new.from_at, new.number, new.total_minor, new.started_at, null)
			on conflict do update set total_minor = excluded.total_minor, total_before = total_minor; -- of a database that was put back
	end;
	create trigger attempt_moved after update on attempts begin
		${never(
			"an attempt went a way that there is not",
			"new.attempt_id || ' ' || old.state || ' ' || new.state",
			"old.state not in ('started', 'unknown') and (old.state <> new.state or old.settled_at is not new.settled_at or old.charge_ref is not new.charge_ref)",
		)}
		${never(
			"an attempt was changed",
			"new.attempt_id",
			`(old.customer_id, old.from_at, old.number, old.total_minor, old.currency, old.bill)
			is not (new.customer_id, new.from_at, new.number, new.total_minor, new.currency, new.bill)`,
		)}
	end;
	create trigger attempt_gone after delete on attempts begin ${never("an attempt is gone", "old.attempt_id")} end;

	create trigger period_moved after update on periods begin
		${never("a paid period is not paid any more", period, "old.state = 'paid' and new.state <> 'paid'")}
		${never("a period changed its place", period, "(old.customer_id, old.from_at, old.starts_at, old.period_index) is not (new.customer_id, new.from_at, new.starts_at, new.period_index)")}
		${never("the version of a period went back", period, "new.version < old.version")}
	end;
	create trigger period_gone after delete on periods begin ${never("a period is gone", "old.customer_id || ' ' || old.from_at")} end;

	create trigger document_changed after update on invoices begin ${never("an issued document was edited", "old.number")} end;
	create trigger document_gone after delete on invoices begin ${never("an issued document is gone", "old.number")} end;
	create trigger delivery_moved after update on deliveries begin
		${never("a delivery was told of twice", "new.invoice_id", "old.delivered_at is not null and new.delivered_at is not old.delivered_at")}
	end;
	create trigger series_went_back after update on series begin ${never("a series went back", "new.kind", "new.last < old.last")} end;`;

export const customer = `
	create trigger invoice_changed after update on invoices begin
		${never("an invoice was edited at its customer", "old.id", "old.document <> new.document or old.number <> new.number")}
	end;
	create trigger invoice_gone after delete on invoices begin ${never("an invoice is gone at its customer", "old.id")} end;
	create trigger payment_moved after update on payments begin
		${never("what was said of a period went back", "new.customer_id || ' ' || new.from_at", "new.version < old.version")}
	end;`;
