import * as v from "valibot";
import { seconds } from "../../../shared/time.ts";
import type { PaymentProvider } from "./provider.ts";
import { ProviderFailed } from "./provider-failed.ts";

const text = v.pipe(v.string(), v.minLength(1));

const Registered = v.union([v.strictObject({ token: text }), v.strictObject({ declined: v.literal(true) })]);

const Charged = v.variant("outcome", [
	v.strictObject({
		outcome: v.literal("approved"),
		ref: text,
		amountMinor: v.pipe(v.number(), v.safeInteger()),
		currency: text,
	}),
	v.strictObject({
		outcome: v.literal("declined"),
		decline: v.variant("kind", [
			v.strictObject({ kind: v.literal("soft"), reason: v.picklist(["insufficient_funds", "card_declined"]) }),
			v.strictObject({ kind: v.literal("hard"), reason: v.picklist(["card_expired", "card_declined"]) }),
		]),
	}),
	v.strictObject({ outcome: v.literal("refused"), reason: text }),
	v.strictObject({ outcome: v.literal("pending") }),
]);
const FoundCharge = v.strictObject({ charge: v.nullable(Charged) });

const Refunded = v.variant("outcome", [
	v.strictObject({ outcome: v.literal("refunded"), ref: text }),
	v.strictObject({ outcome: v.literal("refused") }),
	v.strictObject({ outcome: v.literal("pending") }),
]);
const FoundRefund = v.strictObject({ refund: v.nullable(Refunded) });

export interface SandboxOptions {
	/** `PAYMENT_SANDBOX_URL`. */
	readonly url: string;
	readonly key: string;
	/** Milliseconds that a call may take. */
	readonly patience?: number;
}

/** The payment provider of the local stack, over HTTP: `scripts/dev/payments/sandbox.ts` describes it. */
export function sandboxProvider({ url, key, patience = 30 * seconds }: SandboxOptions): PaymentProvider {
	const ask = async <const Schema extends v.GenericSchema>(schema: Schema, path: string, init: RequestInit = {}) => {
		if (!url || !key) throw new ProviderFailed("not_configured");
		const headers = { authorization: `Bearer ${key}`, "content-type": "application/json", ...init.headers };
		// a redirect would take a card's number elsewhere
		const response = await fetched(new URL(path, url), {
			...init,
			headers,
			redirect: "manual",
			signal: AbortSignal.timeout(patience),
		});
		if (response.status !== 200) {
			await response.body?.cancel(); // else it holds the connection
			throw new ProviderFailed(`status_${response.status}`);
		}
		const { success, output } = v.safeParse(schema, await json(response));
		if (!success) throw new ProviderFailed("malformed");
		return output;
	};
	const post = <const Schema extends v.GenericSchema>(schema: Schema, path: string, id: string, body: object) =>
		ask(schema, path, { method: "POST", headers: { "idempotency-key": id }, body: JSON.stringify(body) });
	return {
		register: ({ pan, expMonth, expYear, name }, { cardId, customerId: customer }) =>
			post(Registered, "/v1/cards", cardId, { pan, expMonth, expYear, name, customer }),
		charge: ({ attemptId, token, amountMinor, currency, customerId: customer }) =>
			post(Charged, "/v1/charges", attemptId, { token, amountMinor, currency, customer }),
		findCharge: async ({ attemptId }) =>
			(await ask(FoundCharge, `/v1/charges?${new URLSearchParams({ attempt: attemptId })}`)).charge ?? undefined,
		refund: ({ refundId, chargeRef, amountMinor, currency }) =>
			post(Refunded, "/v1/refunds", refundId, { chargeRef, amountMinor, currency }),
		findRefund: async ({ refundId }) =>
			(await ask(FoundRefund, `/v1/refunds?${new URLSearchParams({ refund: refundId })}`)).refund ?? undefined,
	};
}

/** What `fetch` and parsers say when they fail may hold what was sent. */
async function fetched(url: URL, init: RequestInit): Promise<Response> {
	try {
		return await fetch(url, init);
	} catch (error) {
		throw new ProviderFailed(reasonOf(error));
	}
}

async function json(response: Response): Promise<unknown> {
	try {
		return await response.json();
	} catch (error) {
		throw new ProviderFailed(error instanceof SyntaxError ? "malformed" : reasonOf(error));
	}
}

const reasonOf = (error: unknown) => (error instanceof Error && error.name === "TimeoutError" ? "timeout" : "unreachable");
