import { createExecutionContext, createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { fill, fillInbox } from "../../shared/testing/backlog.ts";
import { CostSheet } from "../../shared/testing/counting.ts";
import { customerId, newId } from "../../shared/testing/fixtures.ts";
import { batchOf } from "../../shared/testing/messages.ts";
import { migrateDatabases } from "../../shared/testing/migrations.ts";
import { mailError, notificationRequested, someNotification, someValues } from "../../shared/testing/notification.ts";
import { accessToken, serveCerts, staffEmail } from "../../shared/testing/staff.ts";
import worker from "./index.ts";

let mailTakes = true;
const MAIL = {
	async send() {
		if (!mailTakes) throw mailError("E_INTERNAL_SERVER_ERROR");
	},
} as unknown as SendEmail; // all that is used of it
const sheet = new CostSheet<Cloudflare.Env>({ ...env, MAIL });

/** Beside 50,000 that were sent and 50,000 that came to nothing. */
beforeAll(async () => {
	await migrateDatabases();
	await fillInbox(env.NOTIFICATION_DB, "customer", 100_000);
	await env.NOTIFICATION_DB.prepare("insert into staff values (?, 'helpdesk')").bind(staffEmail).run();
	const own = {
		customer_id: `'${customerId("00")}'`,
		channel: "'email'",
		language: "'en'",
		template: "'ticket_received'",
		requested_at: "i",
		expires_at: "i",
		ended_at: `${Date.now()} - i`,
	};
	await fill(env.NOTIFICATION_DB, "notifications", 50_000, { ...own, id: "printf('ntf_00%026d', i)", status: "'sent'" });
	const kept = { recipient: "'ada@customer.example'", content: `'${JSON.stringify(someValues)}'` };
	await fill(env.NOTIFICATION_DB, "notifications", 50_000, {
		...own,
		...kept,
		id: "printf('ntf_01%026d', i)",
		status: "iif(i % 2, 'failed', 'expired')",
	});
	serveCerts();
	const execution = createExecutionContext();
	await worker.fetch(await staffRequest(""), env, execution); // Access's keys are read once an isolate
});

const staffRequest = async (route: string, init: RequestInit = {}) => {
	const headers = { "cf-access-jwt-assertion": await accessToken(), "content-type": "application/json" };
	return new Request(`https://notification.test/api/v1/notifications${route}`, { ...init, headers });
};
const ask = async (route: string, init: RequestInit = {}) => {
	const request = await staffRequest(route, init);
	return async (counted: Cloudflare.Env, execution: ExecutionContext) => {
		expect((await worker.fetch(request, counted, execution)).status).toBe(200);
	};
};
const queue = (messages: string[]) => (counted: Cloudflare.Env, execution: ExecutionContext) =>
	worker.queue(batchOf("notifications", messages), counted, execution);
const cron = (expression: string) => (counted: Cloudflare.Env, execution: ExecutionContext) =>
	worker.scheduled(createScheduledController({ cron: expression }), counted, execution);
/** 100 e-mails as they are asked for. */
const hundred = () => {
	const ids = Array.from({ length: 100 }, () => newId("ntf", "02")).sort(); // at an end of an index a search reads a row less
	const expiresAt = Date.now() + 3_600_000;
	return Promise.all(ids.map((notificationId) => notificationRequested(someNotification({ notificationId, expiresAt }))));
};

describe("a queue batch of 100 messages", () => {
	it("is stored in one D1 batch; each mail then costs the mail and its mark, and a claim is of twenty", async () => {
		const messages = await hundred();

		const sent = await sheet.line("100 e-mails, stored and sent", queue(messages));
		const repeated = await sheet.line("100 e-mails, repeated", queue(messages));

		// one to store, six claims of e-mails (the last finds none) and one of text messages, a mark for each
		expect(sent).toMatchObject({ d1Calls: 1 + 6 + 1 + 100, otherCalls: 100, sends: 1, messages: 1 });
		expect(repeated).toMatchObject({ d1Calls: 1 + 1 + 1, otherCalls: 0, sends: 1, rowsWritten: 0 });
	});

	it("tries twenty of them while no mail is taken", async () => {
		mailTakes = false;
		const refused = await sheet.line("100 e-mails, of which none is taken", queue(await hundred()));
		const next = await sheet.line("Cron of every minute, no e-mail is taken", cron("* * * * *"));
		mailTakes = true;

		expect(refused).toMatchObject({ d1Calls: 1 + 1 + 1 + 20, otherCalls: 20 });
		expect(next).toMatchObject({ otherCalls: 20 });
	});

	it("the rest goes out with the next runs, and then there is nothing to do", async () => {
		await sheet.line("Cron of every minute, 60 e-mails are due", cron("* * * * *"));
		const nothing = await sheet.line("Cron of every minute, nothing is due", cron("* * * * *"));
		const hourly = await sheet.line("Cron of every hour, nothing to prune", cron("17 * * * *"));

		expect(nothing).toMatchObject({ otherCalls: 0, rowsWritten: 1 });
		for (const { rowsRead } of [nothing, hourly]) expect(rowsRead).toBeLessThan(50);
	});
});

it("the staff's routes read the role, then a page or one row of 100,000", async () => {
	const list = await sheet.line("GET notifications", await ask(""));
	const cursor = btoa(JSON.stringify([25_000, "ntf_00"])).replaceAll("=", "");
	const later = await sheet.line("GET notifications, by cursor", await ask(`?status=sent&cursor=${cursor}`));
	await sheet.line("GET notifications/{id}", await ask(`/ntf_01${"0".repeat(25)}1`));
	const post = { method: "POST", body: "{}" };
	await sheet.line("POST notifications/{id}/resend", await ask(`/ntf_01${"0".repeat(25)}1/resend`, post));
	await sheet.line("POST notifications/{id}/resend, repeated", await ask(`/ntf_01${"0".repeat(25)}1/resend`, post));

	for (const { d1Calls, rowsRead } of [list, later]) {
		expect(d1Calls).toBe(2);
		expect(rowsRead).toBeLessThanOrEqual(1 + 21);
	}
});

it("health reads no more than it says", async () => {
	const costs = await sheet.line("GET healthz", async (counted, execution) => {
		await worker.fetch(new Request("https://notification.test/healthz"), counted, execution);
	});
	expect(costs.rowsRead).toBeLessThan(2100);
});

it("costs what test/costs/notification.md says; if the change is meant: npm run costs -- --update", async () => {
	await expect(sheet.table("notification")).toMatchFileSnapshot("../../test/costs/notification.md");
});
