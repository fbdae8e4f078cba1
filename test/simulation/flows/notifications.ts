import type { Cluster } from "../cluster.ts";
import type { Flow, FlowKind } from "../flow.ts";

/** The channels that a customer wants at this moment, with where to write to. */
const wanted = (customerId: string) => `
	select 'email' as channel, email as recipient from profiles where customer_id = ${customerId} and notify_by_email and email <> ''
	union all select 'sms', phone from profiles where customer_id = ${customerId} and notify_by_sms and phone is not null`;

/** What is to be told counts up, what is asked for counts down: between two batches all is told. */
const count = (by: number, what: string) => `insert into untold select ${what}, ${by} from`;
const counted = "on conflict do update set times = times + excluded.times;";
const toTell = (ticketId: string, template: string, customerId: string) =>
	`${count(1, `${ticketId} || ' ' || ${template} || ' ' || channel`)} (${wanted(customerId)}) where true ${counted}`;

/** What is told of a ticket in a new status: one that had an expert before has not just come, or come back. */
const template = `iif(new.status in ('received', 'reopened') and new.steps->>'$[#-2].status' in ('assigned', 'accepted', 'in_progress'),
	'ticket_waits_again', 'ticket_' || new.status)`;

/** Of a card, and of what is paid, everybody with an address is told, by e-mail alone. */
const cardWay = (customerId: string) =>
	`select 'email' as channel, email as recipient from profiles where customer_id = ${customerId} and email <> ''`;

const period = "new.customer_id || ' ' || new.from_at";

/** What happens to a ticket, a card or what is paid, and what is asked for because of it. What is asked for goes to whom, and by which way, the customer wants. */
const customer = `
	create table untold (what text primary key, times int);
	create table asked (id text primary key, channel text, recipient text, content text);
	create trigger told_of_ticket after insert on tickets when new.version > 0 and new.status <> 'in_progress'
	begin ${toTell("new.id", template, "new.customer_id")} end;
	create trigger told_of_change after update on tickets when new.version > old.version and new.status <> 'in_progress'
	begin ${toTell("new.id", template, "new.customer_id")} end;
	create trigger told_of_reply after insert on comments when new.author is not null
	begin ${toTell("new.ticket_id", "'ticket_replied'", "(select customer_id from tickets where id = new.ticket_id)")} end;
	create trigger told_of_card after update of state on cards when old.state = 'submitted' and new.state in ('verified', 'rejected')
	begin ${count(1, "new.id || ' card_' || new.state || ' ' || channel")} (${cardWay("new.customer_id")}) where true ${counted} end;
	create trigger told_of_document after insert on invoices
	begin ${count(1, "new.id || iif(new.kind = 'invoice', ' invoice_issued ', ' credit_note_issued ') || channel")} (${cardWay("new.customer_id")}) where true ${counted} end;
	create trigger told_of_failure after insert on payments when new.state = 'failed'
	begin ${count(1, `${period} || ' payment_failed ' || channel`)} (${cardWay("new.customer_id")}) where true ${counted} end;
	create trigger told_of_payment after update on payments when new.version > old.version and (new.state = 'failed' or old.state = 'failed')
	begin ${count(1, `${period} || ' payment_' || new.state || ' ' || channel`)} (${cardWay("new.customer_id")}) where true ${counted} end;
	create trigger notification_asked after insert on outbox when new.type = 'NotificationRequested' begin
		insert into asked select d->>'$.notificationId', d->>'$.channel', d->>'$.recipient', d->'$.values' from (select new.event->'$.data' as d);
		${count(-1, "coalesce(d->>'$.values.ticketId', d->>'$.values.cardId', d->>'$.values.invoiceId', new.event->>'$.subject' || ' ' || (d->>'$.values.periodFrom')) || ' ' || (d->>'$.template') || ' ' || (d->>'$.channel')")} (select new.event->'$.data' as d) where true ${counted}
		insert into violations select 'nobody wanted ' || new.event_id where (new.event->>'$.data.channel', new.event->>'$.data.recipient')
			not in (${wanted("new.event->>'$.subject'")}) and new.event->>'$.data.template' like 'ticket_%';
		insert into violations select 'nobody wanted ' || new.event_id where new.event->>'$.data.template' not like 'ticket_%'
			and (new.event->>'$.data.channel', new.event->>'$.data.recipient') not in (${cardWay("new.event->>'$.subject'")});
	end;`;

/** A notification ends once: sent, or when it is too late. */
const notification = `
	create table taken (id text primary key, channel text, recipient text, content text, expires_at int, status text, ended_at int);
	create trigger notification_taken after insert on notifications begin
		insert into violations select 'stored twice: ' || id from taken where id = new.id;
		insert or ignore into taken values (new.id, new.channel, new.recipient, new.content, new.expires_at, new.status, null); end;
	create trigger notification_moved after update of status on notifications when new.status <> old.status begin
		insert into violations select 'a notification was ' || old.status || ', then ' || new.status || ': ' || new.id
			where old.status <> 'pending' or new.status not in ('sent', 'expired');
		update taken set status = new.status, ended_at = new.ended_at where id = new.id; end;
	create trigger notification_kept after update on notifications when new.status = 'sent' and coalesce(new.recipient, new.content) is not null
	begin insert into violations values ('not forgotten though it is sent: ' || new.id); end;`;

/** What customers are told of their tickets, cards and payments, from what happens to the messages that leave. */
export const notifications: FlowKind = { witnesses: { customer, notification }, start: () => new NotificationsFlow() };

interface Taken {
	id: string;
	channel: "email" | "sms";
	recipient: string;
	content: string;
	expires_at: number;
	status: "pending" | "sent" | "failed" | "expired";
	ended_at: number | null;
}

/** The same values in another order are the same. */
const inOrder = (values: string) => JSON.stringify(Object.entries(JSON.parse(values)).sort());
const digits = (phone: string) => phone.replaceAll(/\D/g, "");

class NotificationsFlow implements Flow {
	#sent = 0;
	#expired = 0;
	#copies = 0;

	plan({ deployments, post }: Cluster): void {
		for (const database of deployments.notification.databases.values()) {
			database.watch("update", "notifications", "iif(new.status = 'sent', new.id, null)", (id) => id && post.noted(String(id)));
		}
	}

	isBusy(cluster: Cluster): boolean {
		return cluster.rows("notification", "select 1 from notifications where status = 'pending' limit 1").length > 0;
	}

	always(cluster: Cluster): string[] {
		const rows = cluster.rows<{ what: string; times: number }>("customer", "select what, times from untold where times <> 0");
		return rows.map(({ what, times }) => `${what}: ${times > 0 ? "nobody asked for it" : "asked for, and nothing had happened"}`);
	}

	/** What was asked for is there, and has left once, or else it was too late for it. */
	violations(cluster: Cluster): string[] {
		const found = [...cluster.post.violations];
		const fields = "id, channel, recipient, content";
		const taken = new Map(cluster.rows<Taken>("notification", "select * from taken").map((row) => [row.id, row]));
		const asked = cluster.rows<Taken>("customer", `select ${fields} from asked`);
		for (const { id, channel, recipient, content } of asked) {
			const row = taken.get(id);
			if (!row) found.push(`${id} was asked for and is not at notification`);
			else if (row.channel !== channel || row.recipient !== recipient || inOrder(row.content) !== inOrder(content))
				found.push(`${id} is another one`);
		}
		if (taken.size > asked.length) found.push("notification has something that nobody asked for");
		const copies = Map.groupBy(cluster.post.copies, ({ id }) => id);
		for (const [id, [copy]] of copies) {
			const recipient = taken.get(id)?.recipient ?? "nobody";
			const same = copy?.to === recipient || digits(copy?.to ?? "") === digits(recipient);
			if (!same) found.push(`${id} went to ${copy?.to} instead of ${recipient}`);
		}
		for (const { id, status, expires_at, ended_at } of taken.values()) {
			const left = copies.get(id)?.length ?? 0;
			if (status === "pending" || status === "failed") found.push(`${id} is ${status}`);
			if (status === "sent" && left === 0) found.push(`${id} is called sent and has never left`);
			if (status === "expired" && (ended_at ?? 0) < expires_at) found.push(`${id} has expired too early`);
			this.#sent += Number(status === "sent");
			this.#expired += Number(status === "expired");
		}
		this.#copies = cluster.post.copies.length;
		return found;
	}

	async afterwards(): Promise<string[]> {
		return [];
	}

	checked() {
		return { "notifications sent": this.#sent, "copies that left": this.#copies, "notifications expired": this.#expired };
	}
}
