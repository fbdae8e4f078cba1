import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from "playwright-core";
import * as v from "valibot";
import { root } from "../../scripts/run.ts";

/** Debian's, unless CHROMIUM names another. */
const executablePath = process.env["CHROMIUM"] || "/usr/bin/chromium";

/** Starts the browser. Without it the tests fail: what no browser has seen is not tested. */
export function launch(): Promise<Browser> {
	if (!existsSync(executablePath)) {
		throw new Error(`There is no ${executablePath}. Install it (sudo apt-get install chromium), or let CHROMIUM name yours.`);
	}
	const quiet = ["--disable-quic", "--no-first-run", "--disable-background-networking"];
	const args = ["--no-sandbox", ...quiet, "--disable-component-update", "--disable-sync"];
	return chromium.launch({ executablePath, args });
}

export const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } } as const;

export interface Looks {
	readonly size?: keyof typeof sizes;
	/** Whether pages may run scripts. */
	readonly script?: boolean;
	readonly colorScheme?: "light" | "dark";
}

/** A person's browser, with cookies of its own, and what has gone wrong in it. */
export interface Visit {
	readonly page: Page;
	readonly context: BrowserContext;
	/** Console errors, uncaught exceptions, violations of the content security policy, failed requests: a line each. */
	readonly troubles: readonly string[];
	/** Answers of these statuses are part of what is tried, and no trouble. */
	mayAnswer(...statuses: number[]): void;
}

/** Opens a browser of one person, whose relative addresses are those of `origin`. */
export async function visit(browser: Browser, origin: string, looks: Looks = {}): Promise<Visit> {
	const { size = "desktop", script = true, colorScheme = "light" } = looks;
	const viewport = sizes[size];
	const phone = size === "phone";
	const context = await browser.newContext({
		baseURL: origin,
		viewport,
		hasTouch: phone,
		isMobile: phone,
		javaScriptEnabled: script,
		colorScheme,
		locale: "en-GB",
		// floods are limited for each address
		extraHTTPHeaders: { "cf-connecting-ip": randomUUID() },
	});
	const page = await context.newPage();
	page.setDefaultTimeout(15_000);
	const troubles: string[] = [];
	const expected = new Set<number>();
	page.on("console", (message) => {
		// the browser says so of every answer from 400 on, which is looked at below
		const ofAnAnswer = message.text().startsWith("Failed to load resource: the server responded");
		if (message.type() === "error" && !ofAnAnswer) troubles.push(`console: ${message.text()}`);
	});
	page.on("pageerror", (error) => troubles.push(`exception: ${error.message}`));
	page.on("requestfailed", (request) => {
		const error = request.failure()?.errorText;
		// the browser looks for the icon last, and gives it up when somebody leaves the page
		const ofALeftPage = error === "net::ERR_ABORTED" && request.url().includes("/assets/favicon.");
		if (!ofALeftPage) troubles.push(`failed: ${request.url()} ${error}`);
	});
	page.on("response", (response) => {
		if (response.status() >= 400 && !expected.has(response.status())) troubles.push(`${response.status()} ${response.url()}`);
	});
	const devtools = await context.newCDPSession(page);
	await devtools.send("Audits.enable");
	devtools.on("Audits.issueAdded", ({ issue: { code, details } }) => {
		const { contentSecurityPolicyIssueDetails: violation } = details;
		if (violation) troubles.push(`${code}: ${violation.violatedDirective} ${violation.blockedURL ?? ""}`);
	});
	return { page, context, troubles, mayAnswer: (...statuses) => statuses.forEach((status) => void expected.add(status)) };
}

const axeSource = readFileSync(join(root, "node_modules/axe-core/axe.min.js"), "utf8");
const Findings = v.array(v.object({ id: v.string(), help: v.string(), nodes: v.array(v.object({ html: v.string() })) }));

/** What axe finds on the page as it stands, best practices included; nothing when all is well. Needs scripts to be on. */
export async function axe(page: Page): Promise<string[]> {
	await page.evaluate(axeSource); // by the debugger, which no content security policy hinders
	const violations = v.parse(Findings, await page.evaluate("axe.run(document).then(({ violations }) => violations)"));
	return violations.map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.map(({ html }) => `  ${html}`).join("\n")}`);
}

/** How many sheets of A4 it is when it is printed. */
export async function sheetsOf(page: Page): Promise<number> {
	const pdf = (await page.pdf({ format: "A4" })).toString("latin1");
	return pdf.match(/\/Type ?\/Page\b/g)?.length ?? 0;
}

/** Gives the page a device that can keep passkeys and that its owner has unlocked. */
export async function addAuthenticator({ page, context }: Visit): Promise<CDPSession> {
	const devtools = await context.newCDPSession(page);
	await devtools.send("WebAuthn.enable");
	await devtools.send("WebAuthn.addVirtualAuthenticator", {
		options: {
			protocol: "ctap2",
			transport: "internal",
			hasResidentKey: true,
			hasUserVerification: true,
			isUserVerified: true,
			automaticPresenceSimulation: true,
		},
	});
	return devtools;
}
