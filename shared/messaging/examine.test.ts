import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { Ctx } from "../context.ts";
import type { Consumer } from "../quantum.ts";
import { rowsOf } from "../testing/database.ts";
import { customerId } from "../testing/fixtures.ts";
import { readMessage, sentTo, signAs } from "../testing/forge.ts";
import type { Quanta } from "../testing/quanta.ts";
import { noteMessage, thingMessage, thingQuanta } from "../testing/things.ts";
import { admitted, consumption } from "./consumption.ts";
import { type CloudEvent, newEvent } from "./envelope.ts";

/** What can tell something of a note that SQL cannot: here, what the test says. */
interface Reader {
	read(event: CloudEvent<object>): Promise<object>;
}
type ReaderCtx = Ctx & { readonly reader: Reader };

/** Stores what was found out, where it was said to belong there. */
const sysops: Consumer<ReaderCtx> = {
	worker: "sysops",
	consumes: [
		consumption<ReaderCtx>("ThingHappened", {
			newestOf: ({ data }) => ("thing" in data ? String(data.thing) : ""),
			effects: [`insert into applied (thing, name) select m.value->>'$.data.thing', m.value->>'$.data.name' from ${admitted}`],
		}),
		consumption<ReaderCtx>("ThingNoted", {
			rejectWhen: "m.value->>'$.examined.refused'",
			effects: [`insert into notes (note) select m.value->>'$.data.note' || ': ' || (m.value->'$.examined') from ${admitted}`],
			examine: (ctx, event) => ctx.reader.read(event),
		}),
	],
	onReceipt: [],
};

let quanta: Quanta;
let asked: string[];
/** What is found out of a note; a test may throw here. */
let found: (note: string) => object | Promise<object>;
beforeEach(async () => {
	quanta = await thingQuanta();
	asked = [];
	found = () => ({ found: true });
});

const reader: Reader = {
	async read({ data }) {
		const note = "note" in data ? String(data.note) : "no note";
		asked.push(note);
		return found(note);
	},
};
const toSysops = (...bodies: string[]) => quanta.deliver(sysops, "things", bodies, { reader });
const note = (text: string, customer?: string) => noteMessage(quanta.ctx("customer"), "t1", text, customer);
const notes = async () => (await rowsOf<{ note: string }>(env.SYSOPS_DB, "select note from notes")).map((row) => row.note);
const idOf = (token: string | undefined) => readMessage(token).event["id"];
/** What the customer Worker is told. */
const receipts = () =>
	quanta.take("receipts-customer").flatMap((token) => {
		const data = readMessage(token).event["data"] as { receipts: { id: string; verdict: string; reason?: string }[] }; // our own message
		return data.receipts.map(({ id, verdict, reason }) => [id, reason ?? verdict]);
	});
const cannot = () => {
	throw new Error("the key is not here");
};

describe("what is found out of a message before it is stored", () => {
	it("stands beside what the message carries, each with its own", async () => {
		found = (text) => ({ length: text.length, of: [text, null] });

		await toSysops(await note("a"), await note("bc"));

		expect(await notes()).toEqual(['a: {"length":1,"of":["a",null]}', 'bc: {"length":2,"of":["bc",null]}']);
	});

	it("can be why it is rejected", async () => {
		found = (text) => ({ refused: text === "bad" ? "not_ours" : null });
		const [bad, good] = [await note("bad"), await note("good")];

		expect(await toSysops(bad, good)).toEqual({ acknowledged: [0, 1], retried: [] });

		expect(receipts()).toEqual([
			[idOf(bad), "not_ours"],
			[idOf(good), "accepted"],
		]);
		expect(await notes()).toEqual(['good: {"refused":null}']);
	});

	it("is not asked for of what is rejected already, nor of types that need no such thing", async () => {
		const about = { type: "ThingNoted", subject: customerId("00"), data: { thing: "t1", note: 7 } };
		const wrong = newEvent(quanta.ctx("customer"), "00", about);
		const thing = await thingMessage(quanta.ctx("customer"), { thing: "t1" });
		found = cannot;

		await toSysops(await signAs("customer", wrong, sentTo("sysops", quanta.now)), thing);

		expect(asked).toEqual([]);
		expect(receipts()).toEqual([
			[wrong.id, "schema"],
			[idOf(thing), "accepted"],
		]);
		expect(quanta.logged("alarm")).toEqual([]);
	});

	it("is not asked for of a message that nobody believes", async () => {
		const [head, payload] = (await note("forged")).split(".");

		await toSysops(`${head}.${payload}.${"A".repeat(86)}`);

		expect(asked).toEqual([]);
		expect(await rowsOf(env.SYSOPS_DB, "select reason from quarantine")).toEqual([{ reason: "bad_signature" }]);
	});

	it("counts as much as the message for the megabyte that one D1 batch takes", async () => {
		found = () => ({ large: "x".repeat(44_000) });
		const messages = await Promise.all(Array.from({ length: 60 }, (_, n) => note(`n${n}`)));

		expect((await toSysops(...messages)).acknowledged).toHaveLength(60);

		expect(await notes()).toHaveLength(60);
		expect(quanta.databases.sysops.calls).toBe(3); // 60 × 44 KB = 2.6 MB
	});
});

describe("row 12: one of a hundred messages that cannot be examined now", () => {
	for (const place of [0, 49, 99]) {
		it(`at place ${place}: the other 99 are stored, it alone comes again, with an alarm`, async () => {
			found = (text) => (text === "poison" ? cannot() : {});
			const messages = await Promise.all(Array.from({ length: 100 }, (_, n) => note(n === place ? "poison" : `n${n}`)));

			const { acknowledged, retried } = await toSysops(...messages);

			expect(retried).toEqual([place]);
			expect(acknowledged).toHaveLength(99);
			expect(await notes()).toHaveLength(99);
			const confirmed = receipts().map(([id]) => id);
			expect(new Set(confirmed).size).toBe(99);
			expect(confirmed).not.toContain(idOf(messages[place]));
			expect(quanta.log.filter(({ level }) => level === "alarm")).toEqual([
				expect.objectContaining({ message: "event_not_examined", eventId: idOf(messages[place]), eventType: "ThingNoted" }),
			]);
		});
	}

	it("it costs the others no further batch", async () => {
		found = (text) => (text === "n33" ? cannot() : {});
		await toSysops(...(await Promise.all(Array.from({ length: 100 }, (_, n) => note(`n${n}`)))));

		expect(quanta.databases.sysops.calls).toBe(1);
	});

	it("leaves no trace until it can be, and is then stored once, however often it came before and comes again", async () => {
		const message = await note("a");
		found = cannot;
		for (let i = 0; i < 3; i++) expect(await toSysops(message, message)).toEqual({ acknowledged: [], retried: [0, 1] });
		expect(await rowsOf(env.SYSOPS_DB, "select id from inbox")).toEqual([]);
		expect(receipts()).toEqual([]);

		found = () => ({ at: "last" });
		await toSysops(message);
		found = () => ({ at: "another time" });
		await toSysops(message, message);

		expect(await notes()).toEqual(['a: {"at":"last"}']);
		expect(receipts()).toEqual(Array(3).fill([idOf(message), "accepted"]));
	});

	it("one whose examination throws before it gives a promise does no more harm", async () => {
		const hasty: Consumer<ReaderCtx> = {
			...sysops,
			consumes: [consumption<ReaderCtx>("ThingNoted", { effects: [], examine: cannot })],
		};

		expect(await quanta.deliver(hasty, "things", [await note("a")], { reader })).toEqual({ acknowledged: [], retried: [0] });
	});
});

it("twice in one batch it is stored once, with what was found out of one of the two", async () => {
	const message = await note("a");
	found = () => ({ n: asked.length });

	await toSysops(message, message);

	expect(await notes()).toHaveLength(1);
	expect(receipts()).toEqual(Array(2).fill([idOf(message), "accepted"]));
});

it("row 35: whatever is found out of an erased customer's message is not stored", async () => {
	const customer = customerId("00", "e");
	await env.SYSOPS_DB.prepare("insert into erased_customers values (?, 1)").bind(customer).run();
	const message = await note("a", customer);

	await toSysops(message);

	expect(receipts()).toEqual([[idOf(message), "accepted"]]);
	expect(await notes()).toEqual([]);
});

it("while the database is away what was found out is lost, and is found out again when the message comes again", async () => {
	const message = await note("a");
	quanta.databases.sysops.down = true;
	expect(await toSysops(message)).toEqual({ acknowledged: [], retried: [0] });

	quanta.databases.sysops.down = false;
	await toSysops(message);

	expect(asked).toEqual(["a", "a"]);
	expect(await notes()).toEqual(['a: {"found":true}']);
});
