import { mkdirSync, rmSync } from "node:fs";
import { workerConfigs } from "./configs.ts";
import { fire, keepFiring } from "./crons.ts";
import { prepareDatabases } from "./databases.ts";
import { demoCustomers } from "./demo.ts";
import {
	address,
	home,
	isDefaultHome,
	lastPort,
	logFile,
	noteStack,
	paymentsFile,
	portIsFree,
	runningFile,
	say,
} from "./home.ts";
import { makeKeys } from "./keys.ts";
import { servePayments } from "./payments/server.ts";
import { writeVariables } from "./vars.ts";
import { startWrangler, type Wrangler } from "./wrangler.ts";

const longestStart = 60_000;

/**
 * Runs the local stack until a signal stops it or it ends by itself; resolves with the exit code. `untilStopped` is called
 * once there is something to stop with care. All that it keeps is under `.wrangler/`; `npm run reset` clears the data.
 */
export async function runStack(untilStopped: () => Promise<"stop">): Promise<number> {
	const began = Date.now();
	const port = Number(process.env["PORT"] || 8787);
	const refusal = await whyNot(port);
	if (refusal) {
		say(refusal);
		return 1;
	}
	mkdirSync(home, { recursive: true });
	process.once("exit", () => rmSync(runningFile, { force: true }));
	const keys = makeKeys();
	const payments = await servePayments({ file: paymentsFile, key: keys.payment });
	noteStack({ port, paymentsUrl: payments.url });
	const configPaths = writeVariables(workerConfigs, keys, { port, paymentsUrl: payments.url });
	await prepareDatabases(workerConfigs);

	const stopped = untilStopped();
	const wrangler = startWrangler(port, configPaths);
	const died = wrangler.ended.then(() => "died" as const);
	let crons: { stop(): void } | undefined;
	let end = await Promise.race([stopped, died, isReady(port)]);
	if (end === "ready") {
		await fireAll(port, wrangler);
		crons = keepFiring(port, workerConfigs, (error) => wrangler.note(`Cron Trigger failed: ${error}`));
		say(welcome(port, Date.now() - began));
		end = await Promise.race([stopped, died]);
	}
	if (end === "died") say(`The stack has ended by itself; the end of ${logFile} may say why.`);
	if (end === "late") say(`The stack is not ready after ${longestStart / 1000} s; ${logFile} may say why.`);
	crons?.stop();
	await wrangler.stop();
	await payments.stop();
	return end === "stop" ? 0 : 1;
}

/** What stands in the way of a start, as a person should read it. */
async function whyNot(port: number): Promise<string | undefined> {
	if (!Number.isInteger(port) || port < 1 || port > 65_535) {
		return `PORT is a number from 1 to 65535, not "${process.env["PORT"]}".`;
	}
	const other = lastPort();
	if (other !== undefined && other !== port && !(await portIsFree(other))) {
		return `The stack runs already, on port ${other}. Stop it first, or give this one a home of its own: DEV_STATE=<folder>`;
	}
	if (await portIsFree(port)) return undefined;
	return `Port ${port} is taken. Choose another one: PORT=${port === 65_535 ? 8787 : port + 1} npm start`;
}

/** Ready: every Worker answers, healthy or not. */
async function isReady(port: number): Promise<"ready" | "late"> {
	const until = Date.now() + longestStart;
	while (Date.now() < until) {
		const answers = workerConfigs.map(async ({ worker }) => {
			const response = await fetch(`http://${address}:${port}/healthz`, {
				headers: { "x-dev-host": worker },
				signal: AbortSignal.timeout(10_000),
			});
			const report: { worker?: string } = await response.json();
			return report.worker === worker;
		});
		if ((await Promise.allSettled(answers)).every((answer) => answer.status === "fulfilled" && answer.value)) return "ready";
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	return "late";
}

/** Once at the start, whatever the schedule: no job minds running twice, and health is green at once. */
async function fireAll(port: number, wrangler: Wrangler): Promise<void> {
	for (const { worker, triggers } of workerConfigs) {
		for (const cron of triggers.crons)
			await fire(port, worker, cron).catch((error) => wrangler.note(`Cron Trigger failed: ${error}`));
	}
}

function welcome(port: number, took: number): string {
	const hostOf = (worker: string) => `${worker === "customer" ? "" : `${worker}.`}localhost:${port}`;
	const at = port === 8787 ? "" : `PORT=${port} `;
	const here = isDefaultHome ? "" : `DEV_STATE=${process.env["DEV_STATE"]} `;
	const [first = "", ...others] = Object.keys(demoCustomers);
	const rows = [
		["the portal", `http://localhost:${port}/`],
		["its mailbox", `http://localhost:${port}/__dev/mail        (the codes of sign-in, and all else that is mailed or texted)`],
		[
			"its payment sandbox",
			`http://localhost:${port}/__dev/payments        (what was charged; docs/payments-sandbox.md has its card numbers)`,
		],
		["API", `http://localhost:${port}/api/v1        (described by http://localhost:${port}/openapi.json)`],
		["sysops, for staff", `http://sysops.localhost:${port}/api/v1/tickets  …/experts  …/visits  …/contracts`],
		[
			"billing, for staff",
			`http://billing.localhost:${port}/api/v1/subscriptions/<customer>        (once they have signed a plan)`,
		],
		["reports, for managers", `http://analytics.localhost:${port}/api/v1/reports/satisfaction?by=expert&from=2026-01&to=2026-12`],
		["messages, for staff", `http://notification.localhost:${port}/api/v1/notifications?status=failed`],
		["health", workerConfigs.map(({ worker }) => `http://${hostOf(worker)}/healthz`).join("  ")],
		["a customer's token", `${here}npm run -s token -- ${first}        (or ${others.join(", ")}; good for 5 minutes)`],
		[
			"a staff token",
			`${here}npm run -s token -- --staff    (header Cf-Access-Jwt-Assertion; who else there is: --staff nobody)`,
		],
		["fire a Cron Trigger", `curl -X POST 'http://localhost:${port}/__dev/scheduled?worker=customer&cron=*+*+*+*+*'`],
		["stop, start, clear", `Ctrl-C, ${here}${at}npm start, ${here}npm run reset`],
	];
	return `
Sysops Squad at the edge, ready after ${(took / 1000).toFixed(1)} s

${rows.map(([what, where]) => `  ${what?.padEnd(22)} ${where}`).join("\n")}

Sign in at the portal as ${first}@penultimate.example, or with any other address: the code is in the mailbox.

Post a ticket and see it at sysops:

  curl -d '{"device":"Television","category":"television","text":"No picture"}' -H 'content-type: application/json' \\
    -H "authorization: Bearer $(${here}npm run -s token)" http://localhost:${port}/api/v1/tickets
  curl -H "cf-access-jwt-assertion: $(${here}npm run -s token -- --staff)" http://sysops.localhost:${port}/api/v1/tickets
`;
}
