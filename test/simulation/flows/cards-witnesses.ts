/** Notes in `violations` what is so `when` it must not be. */
const never = (what: string, id: string, when: string) => `insert into violations select '${what}: ' || ${id} where ${when};`;

const signedOut =
	"exists (select 1 from revoked_sessions join sessions_of using (session_id) where customer_id = new.customer_id)";

// no `insert or …` in a trigger: the statement that sets it off decides what a conflict does there
const remember = `delete from cards_seen where id = new.id;
	insert into cards_seen values (new.id, new.customer_id, new.state, new.reason, new.submitted_at);`;

/** Every card as its customer last saw it; the ways that it may not go. */
export const customer = `
	create table cards_seen (id text primary key, customer_id text, state text, reason text, submitted_at int);
	create trigger card_begun after insert on cards begin
		${never("a card was there before its intent", "new.id", "new.state <> 'open'")}
		${never("a card has begun twice", "new.id", "exists (select 1 from cards_seen where id = new.id)")}
		${remember}
	end;
	create trigger card_moved after update on cards begin
		${never("a removed card is back", "new.id", "old.state = 'removed' and new.state <> 'removed'")}
		${never(
			"a card went a way that there is not",
			"new.id || ' ' || old.state || ' ' || new.state",
			`old.state <> new.state and new.state <> 'removed'
				and old.state || ' ' || new.state not in ('open submitted', 'submitted verified', 'submitted rejected')`,
		)}
		${never("a verdict was given twice", "new.id", "old.state in ('verified', 'rejected') and old.state = new.state and old.reason is not new.reason")}
		${never(
			"an intent was used after its end",
			"new.id",
			"old.state = 'open' and new.state = 'submitted' and new.submitted_at > new.expires_at",
		)}
		${never("a card was submitted without a session", "new.id", `old.state = 'open' and new.state = 'submitted' and ${signedOut}`)}
		${never(
			"a card was removed without a session",
			"new.id",
			`old.state <> 'removed' and new.state = 'removed' and new.reason is not 'replaced' and ${signedOut}`,
		)}
		${remember}
	end;`;

/** How it was judged first, and how it is last. */
const note = `
	insert into judged select new.card_id, new.state, new.reason, new.changed_at where new.state <> 'removed' on conflict do nothing;
	delete from card_ends where card_id = new.card_id;
	insert into card_ends values (new.card_id, new.customer_id, new.state, new.reason, new.replaced_by);`;

/** What billing has ever found of a card; what it says, against what it has stored. */
export const billing = `
	create table judged (card_id text primary key, state text, reason text, judged_at int);
	create table card_ends (card_id text primary key, customer_id text, state text, reason text, replaced_by text);
	create table card_said (card_id text, type text, times int, primary key (card_id, type));
	create table rewrapped (card_id text);
	create trigger card_judged after insert on cards begin
		${never(
			"a card is back after its end",
			"new.card_id",
			`new.state = 'verified' and exists (select 1 from card_ends where card_id = new.card_id and state in ('rejected', 'removed'))`,
		)}
		${note}
	end;
	create trigger card_moved after update on cards begin
		${never("a removed card is back at billing", "new.card_id", "old.state = 'removed' and new.state <> 'removed'")}
		${never(
			"a card has two verdicts",
			"new.card_id",
			`old.state <> 'removed' and new.state <> 'removed' and (old.state <> new.state or old.reason is not new.reason)`,
		)}
		${note}
	end;
	create trigger card_said after insert on outbox when new.type in ('CardVerified', 'CardRejected') begin
		insert into card_said values (new.event->>'$.data.cardId', new.type, 1) on conflict do update set times = times + 1;
	end;
	create trigger card_rewrapped after update on vault begin
		${never("a card was wrapped again under its own key", "new.card_id", "old.kek_id = new.kek_id")}
		${never("a card was sealed again", "new.card_id", "(old.card_id, old.customer_id, old.sealed_card) is not (new.card_id, new.customer_id, new.sealed_card)")}
		insert into rewrapped values (new.card_id);
	end;`;
