import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Response } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { freePort, type SpawnedStack, spawnStack } from "../../scripts/dev/spawn.ts";
import { readKeyFile } from "../../scripts/keys/key-file.ts";
import { keyValues } from "../../scripts/keys/values.ts";
import type { SealedCard } from "../../workers/billing/vault/vault.ts";
import { webCryptoVault } from "../../workers/billing/vault/web-crypto-vault.ts";
import type { Visit } from "./chromium.ts";
import { filesUnder, findIn, findUnder, formsOf, openToRead } from "./find-number.ts";
import {
	addCard,
	cardOf,
	choosePlan,
	completeProfile,
	enterCard,
	heading,
	newAddress,
	newCardNumber,
	press,
	refused,
	reloadUntil,
	signIn,
	tellOtherwise,
} from "./person.ts";
import { openSite, type Site } from "./site.ts";
import { firstInvoice, giveBack, invoiceOn } from "./tour-of-money.ts";

/**
 * Card numbers that nobody else has are typed in a browser before a stack of their own, and then looked for in all that it
 * has written and said (row 18 of docs/abuse-cases.md).
 */

const folder = mkdtempSync(join(tmpdir(), "canary-"));
const home = join(folder, "home");
/** The stack's data at a moment when a card was on its way. */
const halted = join(folder, "halted");
const planted = join(folder, "planted");

const numbers = {
	good: newCardNumber(),
	rejected: newCardNumber(),
	posted: newCardNumber(),
	stolen: newCardNumber(),
};
const all = Object.values(numbers);

let stack: SpawnedStack;
let site: Site;
/** All that the browser has asked for and been told, but for the bodies that are meant to have a number in them. */
const traffic: string[] = [];
/** What the browser keeps of it in the end. */
let kept = "";
let email: string;

beforeAll(async () => {
	stack = spawnStack({ home, port: await freePort() });
	await stack.ready;
	site = await openSite({ home, port: stack.port });
	const visit = await site.open();
	const pending: Promise<unknown>[] = [];
	visit.context.on("response", (response) => void pending.push(record(response)));
	email = newAddress();
	await visit.page.goto("/sign-in?next=/cards");
	await signIn(site, visit, email);
	await typed(visit);
	await refusedByBilling(visit);
	await charged(visit);
	await postedByMistake(visit);
	await stolen(visit);
	await vi.waitFor(async () => expect(await site.messagesTo(email)).toHaveLength(5), { timeout: 20_000, interval: 300 });
	kept = await leftInBrowser(visit);
	await Promise.all(pending);
	await site.close();
	// not by its own end, at which the mails would be cleared away
	stack.kill();
	await stack.ended;
}, 150_000);
afterAll(async () => {
	await site?.close();
	stack?.kill();
	await stack?.ended;
	rmSync(folder, { recursive: true, force: true });
});

async function record(response: Response): Promise<void> {
	const request = response.request();
	traffic.push(request.url(), JSON.stringify(await request.allHeaders()), JSON.stringify(await response.allHeaders()));
	const isMeant = request.url().endsWith("/reports/csp") || request.headers()["x-by-mistake"] === "yes";
	if (!isMeant) traffic.push(request.postData() ?? "");
	traffic.push(await response.text().catch(() => "")); // a redirection has none
}

/** A number that is verified in the end, after a line that failed. The stack stands still when the card has just been taken. */
async function typed(visit: Visit): Promise<void> {
	const { page } = visit;
	await page.goto("/cards/new");
	await enterCard(visit, numbers.good.replaceAll(/.{4}(?=.)/g, "$& "));
	await page.route("**/api/v1/cards", (route) => route.abort());
	await press(visit, "Add card");
	await refused(visit);
	await page.unroute("**/api/v1/cards");
	const taken = page.waitForResponse((response) => response.url().endsWith("/api/v1/cards"));
	await press(visit, "Add card");
	await taken;
	process.kill(-stack.pid, "SIGSTOP");
	cpSync(home, halted, { recursive: true });
	process.kill(-stack.pid, "SIGCONT");
	await page.getByText("Your card is with us, encrypted.").waitFor();
	await reloadUntil(visit, cardOf(visit, numbers.good).getByText("Ready"));
}

async function refusedByBilling(visit: Visit): Promise<void> {
	const restore = await tellOtherwise(visit, { expMonth: 11 });
	await addCard(visit, numbers.rejected);
	await restore();
	await reloadUntil(visit, cardOf(visit, numbers.rejected).getByText("Not accepted"));
}

/** What the good card pays is invoiced, and a part of it given back: both are written down in many places. */
async function charged(visit: Visit): Promise<void> {
	const { page } = visit;
	await page.goto("/profile");
	await completeProfile(visit);
	await choosePlan(visit);
	await heading(visit, "Submit a ticket");
	await (await firstInvoice(visit)).click();
	await page.waitForURL("**/invoices/inv_*");
	await giveBack(site, invoiceOn(visit), { amountMinor: 100, reason: "Our expert came late." });
	await reloadUntil(visit, page.getByRole("link", { name: /^CRN-/ }));
}

/** A client of the API that has misunderstood everything. */
async function postedByMistake({ page }: Visit): Promise<void> {
	await page.goto("/cards/new");
	const send = (path: string, body: object): Promise<unknown> =>
		page.evaluate(
			`fetch("/api/v1/cards${path}", ${JSON.stringify({
				method: "POST",
				headers: { "content-type": "application/json", "x-by-mistake": "yes" },
				body: JSON.stringify(body),
			})}).then((response) => response.json())`,
		);
	const card = { cardId: `crd_00${"0".repeat(26)}`, jwe: "x", brand: "visa", last4: "4242", expMonth: 12, expYear: 2039 };
	for (const body of [
		{ ...card, number: numbers.posted },
		{ ...card, jwe: numbers.posted },
		{ ...card, last4: numbers.posted },
	]) {
		expect(await send("", body)).toMatchObject({ status: 422, code: "card_number_in_clear" });
	}
	expect(await send("/intents", { [numbers.posted]: 1 })).toMatchObject({ status: 422, code: "card_number_in_clear" });
}

/** A script that should not be there wants to carry a number away: what the browser reports of it has the number in it. */
async function stolen({ page }: Visit): Promise<void> {
	// without TLS, Chromium reports nothing by `report-to`
	await page.route("**/cards/new", async (route) => {
		const response = await route.fetch();
		const { "content-security-policy": policy = "", ...headers } = response.headers();
		await route.fulfill({ response, headers: { ...headers, "content-security-policy": policy.replace(/; report-to \w+/, "") } });
	});
	await page.goto("/cards/new");
	const reported = page.waitForResponse("**/api/reports/csp");
	await page.evaluate(`void setTimeout(() => fetch("/api/v1/profile?card=${numbers.stolen}").catch(() => {}))`);
	const answer = await reported;
	expect(answer.request().postData()).toContain(numbers.stolen);
	expect(answer.status()).toBe(204);
	await vi.waitFor(() =>
		expect(stack.entries).toContainEqual(expect.objectContaining({ message: "csp_violation", directive: "connect-src" })),
	);
}

async function leftInBrowser({ page, context }: Visit): Promise<string> {
	const stored: unknown = await page.evaluate(`(async () => JSON.stringify([
		{ ...localStorage }, { ...sessionStorage }, history.state, await indexedDB.databases(), await caches.keys(),
		performance.getEntries(), document.documentElement.outerHTML,
	]))()`);
	await page.goto("/cards/new");
	await page.goBack();
	const session = await context.newCDPSession(page);
	const { entries } = await session.send("Page.getNavigationHistory");
	return JSON.stringify([stored, await context.cookies(), await context.storageState(), entries]);
}

/** The rows of whichever database of the stack has such a table. */
function select<Row>(state: string, text: string): Row[] {
	return filesUnder(join(state, "state/v3/d1"))
		.filter((path) => path.endsWith(".sqlite"))
		.flatMap((path) => {
			using database = openToRead(path);
			try {
				return database.prepare(text).all() as Row[]; // the text says which
			} catch {
				return [];
			}
		});
}

describe("row 18: a card number that was typed, rejected, posted by mistake or stolen", () => {
	test("is in no file of the stack, be it a database, its log, a mail or a cache, in no form", () => {
		expect(findUnder(home, all)).toEqual([]);
	});

	test("is in nothing that the Workers have said", () => {
		expect(stack.entries.filter(({ message }) => message === "card_submitted")).toHaveLength(2);
		expect(findIn("Workers", Buffer.from(JSON.stringify(stack.entries)), all)).toEqual([]);
		expect(findIn("stack", Buffer.from(stack.said()), all)).toEqual([]);
	});

	test("is in no request, address and answer that the browser has seen, and in nothing that it keeps", () => {
		expect(traffic.filter((url) => url.endsWith("/api/v1/cards")).length).toBeGreaterThan(4);
		expect(findIn("traffic", Buffer.from(traffic.join("\n")), all)).toEqual([]);
		expect(kept).toContain("__Host-");
		expect(findIn("browser", Buffer.from(kept), all)).toEqual([]);
	});

	test("is not in the message that goes to billing, as it lay in the outbox when the stack was halted", () => {
		// what is put onto the queue is this row under a signature; the simulator keeps queues in memory only
		const rows = select<{ event: string }>(halted, "select event from outbox where type = 'CardSubmitted'");
		expect(rows).toHaveLength(1);
		const { data } = JSON.parse(rows[0]?.event ?? "");
		expect(data).toMatchObject({ last4: numbers.good.slice(-4), jwe: expect.stringMatching(/^[\w-]+\.\.[\w-]{16}\./) });
		expect(findUnder(halted, all)).toEqual([]);
	});

	test("is a token in the vault, if it was good, and was told to the payment provider, which has not kept it either", async () => {
		type Row = { card_id: string; customer_id: string; kek_id: string; wrapped_key: string; sealed_card: string };
		const rows = select<Row>(home, "select * from vault");
		const keys = readKeyFile(join(home, "dev-keys.json"));
		const { VAULT_KEKS = "", FINGERPRINT_KEY = "" } = keys ? keyValues(keys, "billing") : {};
		const vault = webCryptoVault(VAULT_KEKS, FINGERPRINT_KEY);

		const opened = rows.map(({ card_id: cardId, customer_id: customerId, kek_id: kekId, ...row }) => {
			const sealed: SealedCard = { kekId, wrappedKey: row.wrapped_key, sealedCard: row.sealed_card };
			return vault.open(sealed, { cardId, customerId });
		});

		const token = `tok.good.${rows[0]?.card_id}`;
		expect(await Promise.all(opened)).toEqual([{ token, expMonth: 12, expYear: 2039 }]);
		using ledger = openToRead(join(home, "state/payments.sqlite"));
		const entries = ledger.prepare("select kind, entry from entries order by at").all();
		expect(entries.map(({ kind, entry }) => [kind, JSON.parse(`${entry}`)])).toEqual([
			["card", expect.objectContaining({ token, last4: numbers.good.slice(-4) })],
			["charge", expect.objectContaining({ token, result: expect.objectContaining({ outcome: "approved" }) })],
			["refund", expect.objectContaining({ amountMinor: 100, result: expect.objectContaining({ outcome: "refunded" }) })],
		]);
		// which are among the files that were searched, as is what brings the invoice to its customer
		const searched = filesUnder(home).map((path) => path.replace(home, ""));
		expect(searched).toContain("/state/payments.sqlite");
		expect(searched).toContainEqual(expect.stringMatching(/^\/state\/v3\/do\/.*InvoiceDelivery\/.*\.sqlite$/));
	});
});

describe("the search for a number", () => {
	/** A copy of what was searched, in which it is to be found. */
	beforeAll(() => cpSync(home, planted, { recursive: true }));

	test.each([...formsOf(numbers.good).keys()])("finds it in a file and in a line: %s", (name) => {
		const form = formsOf(numbers.good).get(name) ?? Buffer.of();
		mkdirSync(join(planted, "one"), { recursive: true });
		writeFileSync(join(planted, "one/file"), Buffer.concat([Buffer.from("before "), form, Buffer.from(" after")]));
		expect(findUnder(join(planted, "one"), all)).toContain(`file: ${name}`);
		expect(findIn("line", Buffer.concat([Buffer.from('{"message":"'), form]), [numbers.good])).toContain(`line: ${name}`);
	});

	test("finds it in each kind of file that the stack has", () => {
		const kinds = new Map(filesUnder(planted).map((path) => [path.replace(/^.*[./]/, ""), path]));
		expect([...kinds.keys()]).toEqual(expect.arrayContaining(["sqlite", "sqlite-wal", "log", "txt"]));
		for (const [kind, path] of kinds) {
			const content = readFileSync(path);
			expect(findIn(kind, Buffer.concat([content, Buffer.from(numbers.stolen)]), all)).toContain(`${kind}: plain`);
		}
	});

	test("finds it in a value of any database, also when it is in pieces on the disk, or in its log only", () => {
		for (const path of filesUnder(join(planted, "state")).filter((file) => file.endsWith(".sqlite"))) {
			using database = new DatabaseSync(path);
			database.exec("pragma journal_mode = wal; pragma wal_autocheckpoint = 0; create table planted (value)");
			// about a page long, so that in one row or another it lies over the end of a page
			const insert = database.prepare("insert into planted values (?)");
			for (let length = 4040; length < 4100; length++) insert.run(`${"x".repeat(length)}${numbers.posted}`);
			database.prepare("insert into planted values (?)").run(BigInt(numbers.rejected));
		}
		const found = findUnder(join(planted, "state"), all);
		const databases = filesUnder(join(planted, "state")).filter((file) => file.endsWith(".sqlite"));
		expect(found.filter((line) => line.endsWith("its values: plain"))).toHaveLength(2 * databases.length);
	});

	test("finds what an encoder makes of it, wherever it begins", () => {
		for (let before = 0; before < 6; before++) {
			const text = `${"?".repeat(before)}${numbers.good}>~?`;
			expect(findIn("", Buffer.from(Buffer.from(text).toString("base64")), all)).toHaveLength(1);
			expect(findIn("", Buffer.from(Buffer.from(text).toString("base64url")), all)).toHaveLength(1);
		}
	});
});
