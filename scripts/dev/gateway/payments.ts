import { html } from "hono/html";
import * as v from "valibot";
import { moneyIn } from "../../../shared/currencies.ts";
import { layout } from "./mail-pages.ts";
import { page } from "./mailbox.ts";

/** What this page shows of the sandbox's ledger. */
const entry = { id: v.string(), at: v.string() };
const money = { amountMinor: v.number(), currency: v.string(), result: v.looseObject({ outcome: v.string() }) };
const Ledger = v.object({
	cards: v.array(v.object({ ...entry, customer: v.string(), last4: v.string(), token: v.nullable(v.string()) })),
	charges: v.array(v.object({ ...entry, ...money, customer: v.string() })),
	refunds: v.array(v.object({ ...entry, ...money, charge: v.string() })),
});
type Ledger = v.InferOutput<typeof Ledger>;

/**
 * `GET /__dev/payments`: what the payment sandbox of this stack has done, as a page, or as JSON for whom asks with `Accept:
 * application/json`. `POST` with `{ next: [{ kind, ms? }, …] }` tells it what goes wrong with its next calls.
 */
export async function payments(
	request: Request,
	{ PAYMENT_SANDBOX_URL: url, PAYMENT_KEY: key }: { readonly PAYMENT_SANDBOX_URL: string; readonly PAYMENT_KEY: string },
): Promise<Response> {
	const headers = { authorization: `Bearer ${key}` };
	if (request.method === "POST") {
		return fetch(`${url}/__sandbox/faults`, { method: "POST", headers, body: await request.text() });
	}
	const response = await fetch(`${url}/v1/ledger`, { headers });
	if (request.headers.get("accept")?.includes("application/json")) return response;
	return page(await paymentsPage(v.parse(Ledger, await response.json())));
}

function paymentsPage({ cards, charges, refunds }: Ledger): Promise<string> {
	return layout(
		"Payment sandbox of the local stack",
		html`<h1>Payment sandbox of the local stack</h1>
<p>What it was asked to do, the newest first. It is a fake: no money moves, and no card number is kept.</p>
<h2>Charges</h2>${table(
			["Time", "Amount", "Outcome", "Attempt", "Customer"],
			charges.map((one) => [timeOf(one), moneyIn("en", one), outcome(one), one.id, one.customer]),
		)}
<h2>Refunds</h2>${table(
			["Time", "Amount", "Outcome", "Refund", "Of"],
			refunds.map((one) => [timeOf(one), moneyIn("en", one), outcome(one), one.id, one.charge]),
		)}
<h2>Cards</h2>${table(
			["Time", "Card", "Token", "Id", "Customer"],
			cards.map((one) => [timeOf(one), `…${one.last4}`, one.token ?? "declined", one.id, one.customer]),
		)}`,
	);
}

/** `declined: soft, insufficient_funds` */
function outcome({ result: { outcome, decline } }: Ledger["charges"][number] | Ledger["refunds"][number]): string {
	const why = typeof decline === "object" && decline !== null ? Object.values(decline) : [];
	return why.length === 0 ? outcome : `${outcome}: ${why.join(", ")}`;
}

const table = (titles: readonly string[], rows: readonly (readonly string[])[]) =>
	rows.length === 0
		? html`<p>None yet.</p>`
		: html`<table><thead><tr>${titles.map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${rows.map((cells) => html`<tr>${cells.map((cell) => html`<td class="${isId(cell) ? "id" : ""}">${cell}</td>`)}</tr>`)}</tbody></table>`;

/** They are long, and may break anywhere: nothing else does. */
const isId = (cell: string) => /_\w{20,}$/.test(cell);

/** `23 Nov 2026, 03:34:56 UTC` */
const time = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" });
const timeOf = ({ at }: { at: string }) => `${time.format(new Date(at))} UTC`;
