import { expect, test } from "vitest";
import { httpSms } from "../../../workers/notification/sms.ts";
import { mailbox } from "./mailbox.ts";
import { SmsSandbox } from "./sms-sandbox.ts";

const token = "the-token-of-this-stack";
const message = { id: "ntf_1", to: "+49 30 5550100", text: "Mary comes at eight." };

/** The Worker's own port, with the sandbox at the other end of its `fetch`. */
function sendTo(sandbox: SmsSandbox, SMS_TOKEN = token) {
	const network = globalThis.fetch;
	globalThis.fetch = async (input, init) => sandbox.take(new Request(input, init), token);
	return httpSms({ SMS_URL: "http://localhost:8787/__dev/sms", SMS_TOKEN })
		.send(message)
		.finally(() => {
			globalThis.fetch = network;
		});
}

const shown = async (sandbox: SmsSandbox, query = "") => {
	const url = new URL(`http://localhost:8787/__dev/mail${query}`);
	const noMails = async () => Response.json({ result: [] });
	const headers = { accept: "application/json" };
	return (await mailbox(new Request(url, { headers }), url, noMails, sandbox.taken)).json();
};

test("a text message is shown in the mailbox, and the same one only once", async () => {
	const sandbox = new SmsSandbox();

	await sendTo(sandbox);
	await sendTo(sandbox);

	const items = [expect.objectContaining({ id: "ntf_1", channel: "sms", to: ["+49305550100"], text: "Mary comes at eight." })];
	expect(await shown(sandbox)).toEqual({ items });
	expect(await shown(sandbox, `?to=${encodeURIComponent("+49305550100")}`)).toEqual({ items });
	expect(await shown(sandbox, "?to=somebody@else.example")).toEqual({ items: [] });
	expect(await shown(sandbox, "/ntf_1")).toEqual(items[0]);
});

test("nothing is taken under another token, and without one never", async () => {
	const sandbox = new SmsSandbox();

	await expect(sendTo(sandbox, "guessed")).rejects.toMatchObject({ reason: "sms_status_401", final: false });
	const headers = { authorization: "Bearer ", "idempotency-key": "ntf_1" };
	const nameless = new Request("http://localhost/__dev/sms", { method: "POST", headers, body: JSON.stringify(message) });
	expect((await sandbox.take(nameless, "")).status).toBe(401);

	expect(sandbox.taken).toEqual([]);
});

test.each([
	["no JSON", "nonsense"],
	["no number", JSON.stringify({ to: "home", text: "Hello" })],
	["no text", JSON.stringify({ to: "+49305550100", text: "" })],
])("422 for %s", async (_, body) => {
	const sandbox = new SmsSandbox();
	const headers = { authorization: `Bearer ${token}`, "idempotency-key": "ntf_1" };
	const answer = await sandbox.take(new Request("http://localhost/__dev/sms", { method: "POST", headers, body }), token);

	expect(answer.status).toBe(422);
	expect(sandbox.taken).toEqual([]);
});

test("GET says what it takes", async () => {
	expect((await new SmsSandbox().take(new Request("http://localhost/__dev/sms"), token)).status).toBe(405);
});
