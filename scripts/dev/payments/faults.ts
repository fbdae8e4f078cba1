import * as v from "valibot";

/** What goes wrong with a call. `…_with_charge`: what it asked for is done all the same. */
const Fault = v.strictObject({
	kind: v.picklist(["latency", "timeout_with_charge", "timeout_without_charge", "429", "500", "malformed"]),
	/** Milliseconds of latency, or after which a call that gets no answer is given up: 1 s, and a minute. */
	ms: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(600_000))),
});
type Fault = v.InferOutput<typeof Fault>;

/** One of them for each call that is next, in this order. */
export const Faults = v.strictObject({ next: v.pipe(v.array(Fault), v.maxLength(1000)) });

/** Answers a call as the fault wants it. `work` does what was asked for. */
export async function under(fault: Fault | undefined, signal: AbortSignal, work: () => Promise<Response>): Promise<Response> {
	switch (fault?.kind) {
		case undefined:
			return work();
		case "latency":
			await passed(fault.ms ?? 1000, signal);
			return work();
		case "timeout_with_charge":
			await work();
			return noAnswer(fault, signal);
		case "timeout_without_charge":
			return noAnswer(fault, signal);
		case "429":
			return answer(429, "too_many_requests", { "retry-after": "1" });
		case "500":
			return answer(500, "internal_error");
		case "malformed": {
			const whole = await (await work()).text();
			return new Response(whole.slice(0, -1), { headers: { "content-type": "application/json" } });
		}
	}
}

async function noAnswer({ ms = 60_000 }: Fault, signal: AbortSignal): Promise<Response> {
	await passed(ms, signal);
	return answer(504, "no_answer");
}

/** That time has passed, or nobody waits any more. */
const passed = (ms: number, signal: AbortSignal) =>
	new Promise<void>((done) => {
		const timer = setTimeout(done, ms);
		signal.addEventListener("abort", () => {
			clearTimeout(timer);
			done();
		});
	});

/** What went wrong, in a word; nothing of what was sent. */
export const answer = (status: number, code: string, headers: Record<string, string> = {}) =>
	Response.json({ error: code }, { status, headers });
