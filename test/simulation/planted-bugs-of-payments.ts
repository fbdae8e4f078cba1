import type { PlantedBug } from "./catch-bug.ts";

const bugs: readonly PlantedBug[] = [
	{
		name: "what was claimed to be charged is never due again",
		file: "workers/billing/payments/store.ts",
		find: "	update periods set look_at = :until\n",
		replace: "	update periods set look_at = iif(:until > 0, null, null)\n",
	},
	{
		name: "an attempt begins while another one is not settled",
		file: "workers/billing/payments/decide.ts",
		find: "	if (isUnsettled(attempt)) {",
		replace: "	if (isUnsettled(attempt) && attempt.number > 9) {",
	},
	{
		name: "what is too old is given up without asking what has become of it",
		file: "workers/billing/payments/ask-provider.ts",
		find: "const found = mayExist || invoicedBy !== null ? await ctx.payments.findCharge(of) : undefined;",
		replace: "const found = invoicedBy !== null ? await ctx.payments.findCharge(of) : undefined;",
	},
	{
		name: "a period is not paid by the attempt that is approved",
		file: "workers/billing/payments/settle.ts",
		find: "	settlePeriods,\n",
		replace: "",
	},
	{
		name: "numbers of invoices have gaps",
		file: "workers/billing/invoices/issue.ts",
		find: "series.last + row_number() over",
		replace: "series.last + 2 * row_number() over",
	},
	{
		name: "only the first invoice of a batch is delivered",
		file: "workers/billing/invoices/issue.ts",
		find: "	where i.run = :run\n",
		replace: "	where i.run = :run and m.key = 0\n",
	},
	{
		name: "nobody looks after deliveries whose object was never reached",
		file: "workers/billing/delivery/sweep-deliveries.ts",
		find: "const limit = Math.min(pageSize, mostCalls - calls);",
		replace: "const limit = 0 * Math.min(pageSize, mostCalls - calls);",
	},
	{
		name: "a period is charged though its plan had ended",
		file: "workers/billing/payments/decide.ts",
		find: "	if (isEndedAt(plan, fromAt) && !period.invoiced) return",
		replace: "	if (isEndedAt(plan, fromAt) && period.index > 99) return",
	},
	{
		name: "a month is 30 days",
		file: "workers/billing/payments/load.ts",
		find: "=> periodStart(row.starts_at, row.period_index + 1);",
		replace: "=> row.starts_at + (row.period_index + 1) * 30 * 86_400_000;",
	},
	{
		name: "a soft decline counts as a hard one",
		file: "workers/billing/payments/dunning.ts",
		find: 'const next = kind === "soft" ?',
		replace: 'const next = kind !== "soft" && kind !== "hard" ?',
	},
	{
		name: "a card wakes nothing that waits for one",
		file: "workers/billing/payments/wake.ts",
		find: "and (state = 'parked' or (state = 'due' and failure is not null))",
		replace: "and state = 'parked'",
	},
	{
		name: "a void period stays so when its plan goes on after all",
		file: "workers/billing/payments/wake.ts",
		find: "state = iif(found.goes_on, 'due', periods.state)",
		replace: "state = iif(found.goes_on, periods.state, periods.state)",
	},
	{
		name: "what waits for a card expects no next period",
		file: "workers/billing/payments/save.ts",
		find: "where m.value->>'$.next.fromAt' is not null",
		replace: "where m.value->>'$.next.fromAt' is not null and m.value->>'$.kind' = 'begin'",
	},
	{
		name: "nobody is told of a soft decline",
		file: "workers/billing/payments/settle.ts",
		find: "	from: settled,\n	where: isDeclined,\n",
		replace: "	from: settled,\n	where: \"a.state = 'declined_hard'\",\n",
	},
	{
		name: "nobody is told that a failed period is paid after all",
		file: "workers/billing/payments/settle.ts",
		find: "	where: `a.state = 'approved' and ${mayHaveFailed(\"p\")}`,",
		replace: "	where: \"a.state = 'approved' and p.failure = 'never'\",",
	},
	{
		name: "more is given back than was paid",
		file: "workers/billing/refunds/store.ts",
		find: "	where amount > 0 and given + amount <= total)`;",
		replace: "	where amount > 0)`;",
	},
	{
		name: "an invoice is shown and not mailed",
		file: "workers/customer/invoices/on-invoice-issued.ts",
		find: "where: `i.run = ${broughtBy}`,",
		replace: "where: `i.run = ${broughtBy} and i.kind = 'credit_note'`,",
	},
	{
		name: "a change that came late is never made up for",
		file: "workers/billing/payments/decide.ts",
		find: "return adjusts && isLate(customer) ? differencesOf",
		replace: "return adjusts && !customer && isLate(customer) ? differencesOf",
	},
	{
		name: "what was made up for is made up for again",
		file: "workers/billing/payments/differences.ts",
		find: "const amountMinor = Math.max(due - charged - period.adjustedMinor, -still);",
		replace: "const amountMinor = Math.max(due - charged - 0 * period.adjustedMinor, -still);",
	},
	{
		name: "what a declined attempt would have made up for counts as done",
		file: "workers/billing/payments/settle.ts",
		find: "	release,\n",
		replace: "",
	},
	{
		name: "an attempt is settled a second time",
		file: "workers/billing/payments/settle.ts",
		find: "and ${unsettled} and m.value->>'$.outcome' <> 'unknown'`",
		replace: "and m.value->>'$.outcome' <> 'unknown'`",
	},
	{
		name: "a hard decline is tried again like a soft one",
		file: "workers/billing/payments/dunning.ts",
		find: 'const next = kind === "soft" ?',
		replace: 'const next = kind === "soft" || kind === "hard" ?',
	},
	{
		name: "a new card does not wake what is parked",
		file: "workers/billing/payments/wake.ts",
		find: "and (state = 'parked' or (state = 'due' and failure is not null))",
		replace: "and state = 'due' and failure is not null",
	},
	{
		name: "a claim to charge is no lease",
		file: "workers/billing/payments/store.ts",
		find: "	update periods set look_at = :until\n",
		replace: "	update periods set look_at = iif(:until > 0, look_at, null)\n",
	},
	{
		name: "an attempt that is asked for again has another id",
		file: "workers/billing/payments/rows.ts",
		find: 'idOf("att", shard, await ctx.digest(`${customerId} ${fromAt} ${number}`));',
		replace: 'idOf("att", shard, await ctx.digest(`${customerId} ${fromAt} ${number} ${ctx.now()}`));',
	},
	{
		name: "an object arms its alarm when an attempt is over",
		file: "workers/billing/delivery/attempts.ts",
		find: `	await Promise.all([state.persist(), state.setAlarm(ctx.now() + delayAfter(ctx, state.attempts))]);
	try {
		await attempt({ ctx, state, input: { invoiceId } });
	} catch`,
		replace: `	try {
		await attempt({ ctx, state, input: { invoiceId } });
		await Promise.all([state.persist(), state.setAlarm(ctx.now() + delayAfter(ctx, state.attempts))]);
	} catch`,
	},
	{
		name: "an object gives up after a few attempts",
		file: "workers/billing/delivery/attempts.ts",
		find: "	if (invoiceId === undefined) return state.destroy();",
		replace: "	if (invoiceId === undefined || state.attempts > 3) return state.destroy();",
	},
	{
		name: "objects are told of receipts before the database is, and believe it",
		file: "shared/messaging/receipts.ts",
		find: "	const statements = [...(keeper ? [keeper.strangers, keeper.settle] : []), findStrangers, park];\n",
		replace: `	const statements = [...(keeper ? [keeper.strangers, keeper.settle] : []), findStrangers, park];
	const early = rows.map(({ id: event_id }) => ({ event_id })) as never;
	await keeper?.settled(ctx, early).catch(() => {});\n`,
		also: {
			file: "workers/billing/delivery/attempts.ts",
			find: "	if (isOpen(await read(ctx, invoiceId))) return;\n",
			replace: "",
		},
	},
	{
		name: "an older failure overwrites a newer one",
		file: "workers/customer/payments/payment.ts",
		find: "	where excluded.version > payments.version`;",
		replace: "	where true`;",
	},
];

export const plantedBugsOfPayments = bugs.map((bug): PlantedBug => ({ ...bug, isOfMoney: true }));
