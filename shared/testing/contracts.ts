import { exports } from "cloudflare:workers";
import { checksumOf, digestOf } from "../contracts/checksum.ts";
import { type ContractFeed, type ContractTerms, feedPageSize } from "../contracts/feed.ts";
import type { ProblemBody } from "./customers.ts";
import { neighbour } from "./messages.ts";
import { accessToken, administratorEmail } from "./staff.ts";

export const someTerms = {
	name: "Television Care",
	summary: "An expert for your television.",
	devices: ["television"],
	coverage: ["Visits at home", "Picture and sound"],
	responseHours: 24,
	price: { amountMinor: 1290, currency: "EUR" as const },
} satisfies ContractTerms;

export const contractsPath = "/api/v1/contracts";

/** What sysops answers with. */
export interface ContractBody {
	id: string;
	version: number;
	withdrawn: boolean;
	createdAt: string;
	terms: ContractTerms;
}

/** A request of somebody of the staff to the Worker under test, which is sysops. */
export async function askStaff<Body = ProblemBody>(
	method: string,
	path: string,
	{
		body,
		email = administratorEmail,
		headers = {},
	}: { body?: BodyInit | object; email?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number; headers: Headers; text: string; body: Body }> {
	const raw = body === undefined || typeof body === "string" || body instanceof ReadableStream ? body : JSON.stringify(body);
	const json = raw === undefined ? {} : { "content-type": "application/json" };
	const init: RequestInit = { method, headers: { "cf-access-jwt-assertion": await accessToken({ email }), ...json, ...headers } };
	const response = await exports.default.fetch(
		new Request(`https://sysops.test${path}`, raw === undefined ? init : { ...init, body: raw }),
	);
	const text = await response.text();
	return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as Body }; // the assertions check it
}

/** A contract that an administrator has created over HTTP. */
export async function givenContract(terms: object = someTerms): Promise<ContractBody> {
	const answer = await askStaff<ContractBody>("POST", contractsPath, { body: terms });
	if (answer.status !== 201) throw new Error(`no contract: ${answer.text}`);
	return answer.body;
}

/** The feed of a catalogue with so many contracts. */
export async function feedOf(count: number): Promise<ContractFeed> {
	const sysops = neighbour("sysops");
	const all = Array.from({ length: count }, (_, i) => ({
		seq: i + 1,
		contractId: `ctr_00${String(i + 1).padStart(26, "0")}`,
		version: 1,
		withdrawn: false,
		terms: someTerms,
	}));
	const digests = await Promise.all(all.map((version) => digestOf(sysops, version)));
	return {
		async page({ after }) {
			const last = Math.min(after + feedPageSize, count);
			const sum = digests.slice(0, last).reduce((total, digest) => total + digest, 0);
			return { versions: all.slice(after, last), latest: count, checksum: checksumOf({ count: last, last, sum }) };
		},
	};
}
