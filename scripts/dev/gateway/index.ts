import { mailbox, type Simulator } from "./mailbox.ts";
import { payments } from "./payments.ts";
import { SmsSandbox } from "./sms-sandbox.ts";

/**
 * The one Worker that `wrangler dev` reaches over HTTP. It hands every request to the Worker that its host names, and
 * has what only development needs under `/__dev`. Nothing of it is in a product's bundle.
 */
interface Env {
	/** `{ worker: [cron, …] }`, as the Workers' own configurations have them. */
	readonly CRONS: string;
	/** The development Access issuer's JWKS. */
	readonly ACCESS_KEYS: string;
	/** What the sandbox of text messages asks for. */
	readonly SMS_TOKEN: string;
	/** Where the payment sandbox is, and what it asks for. */
	readonly PAYMENT_SANDBOX_URL: string;
	readonly PAYMENT_KEY: string;
	readonly CUSTOMER: Fetcher;
	readonly SYSOPS: Fetcher;
	readonly IDENTITY: Fetcher;
	readonly BILLING: Fetcher;
	readonly NOTIFICATION: Fetcher;
	readonly ANALYTICS: Fetcher;
}

/** What `service_binding_extra_handlers` adds to a service binding; the types lag behind. */
interface Triggered {
	scheduled(event: { cron: string; scheduledTime: Date }): Promise<{ outcome: string }>;
}

const sms = new SmsSandbox();

export default {
	async fetch(request, env) {
		const workers: Readonly<Record<string, Fetcher>> = {
			customer: env.CUSTOMER,
			identity: env.IDENTITY,
			sysops: env.SYSOPS,
			notification: env.NOTIFICATION,
			billing: env.BILLING,
			analytics: env.ANALYTICS,
		};
		const url = new URL(request.url);
		if (url.pathname === "/__dev" || url.pathname.startsWith("/__dev/")) return development(request, url, env, workers);
		const name = nameOf(request, url);
		const worker = Object.hasOwn(workers, name) ? workers[name] : undefined;
		const hosts = ["localhost", ...Object.keys(workers).map((known) => `${known}.localhost`)].join(", ");
		return worker?.fetch(request) ?? answer(404, `There is no ${name}.localhost, but there are: ${hosts}`);
	},
} satisfies ExportedHandler<Env>;

/** The customer Worker is what the public reaches: its name may be left out. */
const unnamed = ["localhost", "127.0.0.1", "[::1]"];

/** `sysops` of `sysops.localhost:8787`. Node does not resolve such names, so scripts send `X-Dev-Host: sysops`. */
function nameOf(request: Request, { hostname }: URL): string {
	const host = request.headers.get("x-dev-host") ?? hostname;
	return unnamed.includes(host) ? "customer" : host.replace(/\..*/, "");
}

async function development(request: Request, url: URL, env: Env, workers: Readonly<Record<string, Fetcher>>): Promise<Response> {
	const { pathname, searchParams } = url;
	if (pathname === "/__dev/access/cdn-cgi/access/certs") return Response.json(JSON.parse(env.ACCESS_KEYS));
	if (pathname === "/__dev/mail" || pathname.startsWith("/__dev/mail/")) {
		return mailbox(request, url, simulator(url), sms.taken);
	}
	if (pathname === "/__dev/payments") return payments(request, env);
	if (pathname === "/__dev/sms") return sms.take(request, env.SMS_TOKEN);
	if (pathname !== "/__dev/scheduled") return answer(404, "There is nothing here.");
	if (request.method !== "POST") return answer(405, "POST fires a Cron Trigger.", { allow: "POST" });

	const crons: Readonly<Record<string, readonly string[]>> = JSON.parse(env.CRONS);
	const worker = searchParams.get("worker") ?? "";
	const cron = searchParams.get("cron") ?? "";
	const known = Object.hasOwn(crons, worker) ? crons[worker] : undefined;
	const target = Object.hasOwn(workers, worker) ? workers[worker] : undefined;
	if (!known || !target) return answer(400, `worker is one of: ${Object.keys(crons).join(", ")}`);
	if (!known.includes(cron)) return answer(400, `cron of ${worker} is one of: ${known.map((one) => `"${one}"`).join(", ")}`);

	const { outcome } = await (target as unknown as Triggered).scheduled({ cron, scheduledTime: new Date() }); // see `Triggered`
	return answer(outcome === "ok" ? 200 : 500, `${worker} "${cron}": ${outcome}`);
}

/** wrangler's own server, which is the one that this request came in by. */
const simulator =
	({ port }: URL): Simulator =>
	(path) =>
		fetch(new URL(path, `http://127.0.0.1:${port || 80}`));

const answer = (status: number, text: string, headers: Record<string, string> = {}) =>
	new Response(`${text}\n`, { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers } });
