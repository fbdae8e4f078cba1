import type { PlantedBug } from "./catch-bug.ts";
import { plantedBugsOfCards } from "./planted-bugs-of-cards.ts";
import { plantedBugsOfPayments } from "./planted-bugs-of-payments.ts";
import { plantedBugsOfVisits } from "./planted-bugs-of-visits.ts";

/** Beside those of the machinery, of contracts and of plans, which are here. */
export const plantedBugs: readonly PlantedBug[] = [
	...plantedBugsOfVisits,
	...plantedBugsOfCards,
	...plantedBugsOfPayments,
	{
		name: "acknowledge before commit",
		file: "shared/messaging/outbox.ts",
		find: "	const [, emission, ...results] = await database.batch(statements);",
		replace: `	const early = database.batch(statements);
	ctx.waitUntil(early);
	if (reads.length === 0) return { emitted: true, reads: [] };
	const [, emission, ...results] = await early;`,
	},
	{
		name: "ticket and event in two batches",
		file: "shared/messaging/outbox.ts",
		find: "	const [, emission, ...results] = await database.batch(statements);",
		replace: `	await database.batch(statements.slice(0, 1));
	const [emission, ...results] = await database.batch(statements.slice(1));`,
	},
	{
		name: "an event without the change that it reports",
		file: "shared/messaging/outbox.ts",
		find: `guard = "changes() = 1" } = {}): Statement {`,
		replace: `guard = "changes() = 1" } = {}): Statement {
	guard = guard.replace("changes() = 1", "true");`,
	},
	{
		name: "a repetition under a new id in spite of its Idempotency-Key",
		file: "workers/customer/tickets/idempotency.ts",
		find: "key === undefined ? ctx.randomBytes(16)",
		replace: "key !== undefined ? ctx.randomBytes(16)",
	},
	{
		name: "a repetition sets the status back",
		file: "workers/customer/tickets/store.ts",
		find: "${activePlan} and ${notRevoked}\n	on conflict do nothing",
		replace: "${activePlan} and ${notRevoked}\n	on conflict do update set status = 'submitted'",
	},
	{
		name: "a signed-out session still submits",
		file: "workers/customer/tickets/store.ts",
		find: "${complete} and ${activePlan} and ${notRevoked}",
		replace: "${complete} and ${activePlan}",
	},
	{
		name: "delete the outbox row at send",
		file: "shared/messaging/outbox.ts",
		find: "			for (const page of packed(messages, byteLength, mostAtOnce)) await ctx.queue(queue).send(page);",
		replace: `			for (const page of packed(messages, byteLength, mostAtOnce)) await ctx.queue(queue).send(page);
			for (const row of ofQueue) {
				const database = ctx.databases.get(row.event_id.slice(4, 6));
				await database.prepare("delete from outbox where event_id = ?1 and destination = ?2").bind(row.event_id, row.destination).run();
			}`,
	},
	{
		name: "sign at write, with two months of outage",
		file: "shared/messaging/envelope.ts",
		find: "issuedAt: Math.floor(ctx.now() / 1000)",
		replace: "issuedAt: Math.floor(Date.parse(JSON.parse(event).time) / 1000)",
	},
	{
		name: "a last attempt",
		file: "shared/messaging/relay.ts",
		find: "and next_attempt_at <= :dueBefore\n",
		replace: "and next_attempt_at <= :dueBefore and attempts < 3\n",
	},
	{
		name: "no probes to a silent destination",
		file: "shared/messaging/relay.ts",
		find: "const probes = 3;",
		replace: "const probes = 0;",
	},
	{
		name: "skip the inbox",
		file: "shared/messaging/consumption.ts",
		find: " and inbox.run = :run`;",
		replace: " and :run = :run`;",
	},
	{
		name: "a deferred message counts as accepted",
		file: "shared/messaging/consumption.ts",
		find: "or not (${deferWhile}))",
		replace: "or true)",
	},
	{
		name: "receipt before commit",
		file: "shared/messaging/inbox.ts",
		find: "				await confirm(ctx, some, await store(ctx, shard, consumptions, some));\n",
		replace: `				await confirm(ctx, some, some.map(({ event }) => ({ ...event, verdict: "accepted", reason: null, fresh: 1 })));
				await store(ctx, shard, consumptions, some);\n`,
	},
	{
		name: "forget the inbox 60 days after the first time instead of the last",
		file: "shared/messaging/consumption.ts",
		find: "on conflict do update set received_at = excluded.received_at\n		where received_at < excluded.received_at - ${renewAfter}",
		replace: "on conflict do nothing",
	},
	{
		name: "receipt for unauthenticated input",
		file: "shared/messaging/open.ts",
		find: `	if ("failure" in verified) return refused(verified.failure);
`,
		replace: `	if ("failure" in verified) {
		const event = parseEvent((parseJson(body) as { payload: string }).payload);
		if (!event) return refused("malformed");
		return { kind: "event", event: { ...event, data: {} }, rejected: "schema" };
	}
`,
	},
	{
		name: "receipts are believed unread",
		file: "shared/messaging/open.ts",
		find: `	if ("failure" in verified) return refused(verified.failure);
`,
		replace: `	if ("failure" in verified) {
		const event = parseEvent((parseJson(body) as { payload: string }).payload);
		if (event?.type !== "EventsReceived") return refused(verified.failure);
		return { kind: "event", event: event as CloudEvent<object> };
	}
`,
	},
	{
		name: "an unknown version is rejected for good",
		file: "shared/messaging/open.ts",
		find: `if (parsed === "unknown_version") return refused(parsed);`,
		replace: `if (parsed === "unknown_version") return { kind: "event", event: unusable(named, event), rejected: "schema" };`,
	},
	{
		name: "a message for another audience is accepted",
		file: "shared/messaging/open.ts",
		find: `	if (verified.audience !== ctx.worker) return refused("wrong_audience");\n`,
		replace: "",
	},
	{
		name: "the claim of the relay is no lease",
		file: "shared/messaging/relay.ts",
		find: "next_attempt_at = :now + cast(min(:maxDelay, first_delay * (1 << min(attempts + 1, 20))) * ${jitter} as integer)",
		replace: "next_attempt_at = next_attempt_at + 0 * :maxDelay * :drawn",
	},
	{
		name: "a repetition gets no receipt",
		file: "shared/messaging/inbox.ts",
		find: "		if (!verdict) {\n",
		replace: "		if (!verdict?.fresh) {\n",
	},
	{
		name: "a receipt has the effects of every destination's",
		file: "shared/messaging/receipts.ts",
		find: "	on o.event_id = r.value->>'$.id' and o.destination = r.value->>'$.destination'\n	and o.type = :type",
		replace: "	on o.event_id = r.value->>'$.id'\n	and o.type = :type",
	},
	{
		name: "a receipt counts for every destination",
		file: "shared/messaging/receipts.ts",
		find: `	delete from outbox where (event_id, destination) in (
		select r.value->>'$.id', r.value->>'$.destination' from json_each(:receipts) as r
`,
		replace: `	delete from outbox where (event_id) in (
		select r.value->>'$.id' from json_each(:receipts) as r
`,
	},
	{
		name: "a rejected event is deleted instead of parked",
		file: "shared/messaging/receipts.ts",
		find: `		where r.value->>'$.verdict' = 'accepted')
`,
		replace: "		where true)\n",
	},
	{
		name: "a rejection has the effects of an acceptance",
		file: "shared/messaging/receipts.ts",
		find: " and r.value->>'$.verdict' = 'accepted'`;",
		replace: "`;",
	},
	{
		name: "messages of an erased customer take effect",
		file: "shared/messaging/consumption.ts",
		find: "not (${erased}) and m.value",
		replace: "m.value",
	},
	{
		name: "the cursor moves without its page",
		file: "shared/contracts/replicate.ts",
		find: "	const results = await database.batch([...changes, readState].map((statement) => prepare(database, statement, params)));",
		replace: `	for (const statement of changes.toReversed()) await prepare(database, statement, params).run();
	const results = await database.batch([prepare(database, readState, params)]);`,
	},
	{
		name: "a wrong checksum is no reason to begin again",
		file: "shared/contracts/replicate.ts",
		find: "if (state.seq === 0 || restarted) return;",
		replace: "if (state.seq >= 0 || restarted) return;",
	},
	{
		name: "a page is believed as it comes",
		file: "shared/contracts/replicate.ts",
		find: "checksum === checksumOf(tally);",
		replace: 'checksum !== "" && checksumOf(tally) !== "";',
	},
	{
		name: "a withdrawn contract stays on offer",
		file: "shared/contracts/replicate.ts",
		find: "(generation = :generation and not withdrawn and not exists (",
		replace: "(generation = :generation and not exists (",
	},
	{
		name: "what only an older pass has brought stays on offer",
		file: "shared/contracts/replicate.ts",
		find: "where contract_id = c.contract_id and version > c.version and generation = :generation))`);",
		replace: "where contract_id = c.contract_id and version > c.version and :generation))`);",
	},
	{
		name: "a pass that has only begun decides what is on offer",
		file: "shared/contracts/replicate.ts",
		find: "((versions.length > 0 && state.complete) || (current && !state.complete) ? ",
		replace: "(true ? ",
	},
	{
		name: "an older picture of a plan overwrites a newer one",
		file: "workers/billing/subscriptions/on-plan-changed.ts",
		find: "where excluded.version > subscriptions.version",
		replace: "where true",
	},
	{
		name: "billing takes a plan whose contracts it does not know",
		file: "workers/billing/subscriptions/on-plan-changed.ts",
		find: "deferWhile: `(${contractUnknown} and not ${isOutdated})`,",
		replace: "deferWhile: `(false and ${contractUnknown} and ${isOutdated})`,",
	},
	{
		name: "a plan is signed upon what somebody else has changed in between",
		file: "workers/customer/plans/store.ts",
		find: "coalesce((select version from plans where customer_id = :customerId), -1) = :readVersion",
		replace: ":readVersion is not null",
	},
	{
		name: "an older change of address undoes a newer one",
		file: "workers/customer/profile/store.ts",
		find: "where excluded.email_changed_at > profiles.email_changed_at`);",
		replace: "where true`);",
	},
];
