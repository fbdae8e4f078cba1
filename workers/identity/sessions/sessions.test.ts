import { beforeEach, describe, expect, it } from "vitest";
import { verifySession } from "../../../shared/crypto/session-token.ts";
import type { SignedIn } from "../../../shared/identity.ts";
import { sessionKey } from "../../../shared/testing/bindings.ts";
import { IdentityWorld, refused } from "../../../shared/testing/identity.ts";
import { days, hours, minutes } from "../../../shared/time.ts";
import * as worker from "../index.ts";

const email = "ada@example.com";
const signedOut = refused("signed_out");
let world: IdentityWorld;
let ada: SignedIn;
beforeEach(async () => {
	world = await IdentityWorld.start(worker);
	ada = await world.signIn(email);
});

const refresh = ({ secret }: { secret: string }) => world.call("refresh", { secret });
const end = ({ secret }: { secret: string }, which: "this" | "others" | readonly string[]) =>
	world.call("endSessions", { secret, which });

describe("refreshing", () => {
	it("gives a new token of the same session", async () => {
		world.pass(6 * minutes);
		const { customerId, sessionId } = ada;

		const answer = await refresh(ada);

		expect(answer).toEqual({ customerId, sessionId, token: expect.any(String) });
		const { token } = answer as { token: string }; // as just asserted
		expect(await verifySession(token, JSON.stringify({ [sessionKey.kid]: sessionKey.secret }), Date.now())).toEqual({
			customerId,
			sessionId,
		});
	});

	it("goes on for seven days from the sign-in, however often", async () => {
		for (let day = 0; day < 7; day++) {
			expect(await refresh(ada)).toMatchObject({ sessionId: ada.sessionId });
			world.pass(days - 1);
		}
		world.pass(7);
		expect(await refresh(ada)).toEqual(signedOut);
	});

	it.each(["", "x", "x".repeat(32), "x".repeat(5000), "' or 1=1 --", 7 as unknown as string])(
		"with %j is refused",
		async (secret) => {
			expect(await refresh({ secret })).toEqual(signedOut);
		},
	);

	it("with what is stored of a secret is refused", async () => {
		const [{ token = "" } = {}] = await world.rows<{ token: string }>("select token from sessions");

		expect(await refresh({ secret: token })).toEqual(signedOut);
	});
});

describe("ending sessions", () => {
	it("row 30: this one: its secret is worth nothing at once, and its id is told so that its tokens can be revoked", async () => {
		expect(await end(ada, "this")).toEqual({ customerId: ada.customerId, ended: [ada.sessionId] });

		expect(await refresh(ada)).toEqual(signedOut);
		expect(await world.call("account", { secret: ada.secret })).toEqual(signedOut);
		expect(await end(ada, "this")).toEqual(signedOut);
	});

	it("all others, and only this customer's", async () => {
		const other = await world.signIn(email);
		const eve = await world.signIn("eve@example.com");

		expect(await end(ada, "others")).toEqual({ customerId: ada.customerId, ended: [other.sessionId] });

		expect(await refresh(other)).toEqual(signedOut);
		expect(await refresh(ada)).toMatchObject({ sessionId: ada.sessionId });
		expect(await refresh(eve)).toMatchObject({ sessionId: eve.sessionId });
	});

	it("row 1: those that are named: somebody else's and unknown ones are left out", async () => {
		const other = await world.signIn(email);
		const eve = await world.signIn("eve@example.com");

		const answer = await end(ada, [other.sessionId, eve.sessionId, "ses_nothing", "' or 1=1 --"]);

		expect(answer).toEqual({ customerId: ada.customerId, ended: [other.sessionId] });
		expect(await refresh(eve)).toMatchObject({ sessionId: eve.sessionId });
		expect(await refresh(ada)).toMatchObject({ sessionId: ada.sessionId });
	});

	it("is refused to a session that is over, and ends nothing", async () => {
		world.pass(3 * days);
		const other = await world.signIn(email);
		world.pass(4 * days + 1);

		expect(await end(ada, "others")).toEqual(signedOut);
		expect(await end(ada, [other.sessionId])).toEqual(signedOut);
		expect(await refresh(other)).toMatchObject({ sessionId: other.sessionId });
	});
});

describe("the account", () => {
	it("shows all sessions, the newest first, and which one asks", async () => {
		const signedInAt = Date.now();
		world.pass(minutes);
		const other = await world.signIn(email);
		await world.signIn("eve@example.com");

		expect(await world.call("account", { secret: ada.secret })).toEqual({
			customerId: ada.customerId,
			email,
			fresh: true,
			heldUntil: null,
			emailChange: null,
			passkeys: [],
			sessions: [
				{
					id: other.sessionId,
					createdAt: Date.now(),
					lastUsedAt: Date.now(),
					userAgent: "Test browser",
					current: false,
				},
				{ id: ada.sessionId, createdAt: signedInAt, lastUsedAt: signedInAt, userAgent: "Test browser", current: true },
			],
		});
	});

	it("is fresh for less than 15 minutes after the sign-in", async () => {
		world.pass(15 * minutes - 1);
		expect(await world.call("account", { secret: ada.secret })).toMatchObject({ fresh: true });
		world.pass(1);
		expect(await world.call("account", { secret: ada.secret })).toMatchObject({ fresh: false });
	});

	it("knows when a session was last used, to within an hour", async () => {
		const lastUsed = async () => {
			const { sessions } = (await world.call("account", { secret: ada.secret })) as { sessions: { lastUsedAt: number }[] };
			return sessions[0]?.lastUsedAt;
		};
		const signedInAt = Date.now();
		world.pass(hours - 1);
		await refresh(ada);
		expect(await lastUsed()).toBe(signedInAt);
		world.pass(1);
		await refresh(ada);
		expect(await lastUsed()).toBe(Date.now());
	});

	it("shows what a browser calls itself, cut and without control characters", async () => {
		const code = await world.codeFor(email);
		const userAgent = `<b>\r\nBrowser\u0000 💥${"x".repeat(1000)}`;
		const browser = "browser-of-the-one-who-asks";
		const { secret } = (await world.call("signInWithCode", { email, code, browser, userAgent })) as SignedIn;

		const { sessions } = (await world.call("account", { secret })) as { sessions: { userAgent: string; current: boolean }[] };
		expect(sessions.find(({ current }) => current)?.userAgent).toBe(`<b>Browser 💥${"x".repeat(1000)}`.slice(0, 300));
	});
});
