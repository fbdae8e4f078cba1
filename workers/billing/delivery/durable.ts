// The only import of itty-durable (ADR 11). Its package entry does not resolve outside a bundler; these files do.
import { createDurable } from "itty-durable/itty-durable.js";
import { proxyDurable } from "itty-durable/proxy-durable.js";

/** What is used of itty's class, which has no types worth the name. */
interface IttyDurable {
	fetch(request: Request): Promise<Response>;
	/** Keeps every field of the object's own but `state`. */
	persist(): Promise<void>;
	loadFromStorage(): Promise<void>;
	getAlarm(): Promise<number | null>;
	setAlarm(at: number): Promise<void>;
	/** Storage and alarm; fields stay as they are. */
	destroy(): Promise<void>;
}

// itty says nothing of what its class is built from
const Itty = createDurable() as unknown as new (state: DurableObjectState, env: object) => IttyDurable;

/**
 * A Durable Object whose fields are what it keeps, once `persist` was awaited. What it must not keep is private to it (`#`), and
 * itty knows nothing of its environment: a variable that is null, or a binding named `storage`, would break the object there.
 */
export abstract class Durable extends Itty {
	readonly #methods: readonly string[];

	/** `methods`: the only ones that anybody can call, of all that itty would let through. */
	constructor(state: DurableObjectState, methods: readonly string[]) {
		super(state, {});
		this.#methods = methods;
		// an alarm may be the first thing that wakes it: itty would load for a request only
		void state.blockConcurrencyWhile(() => this.loadFromStorage());
	}

	override async fetch(request: Request): Promise<Response> {
		const [, , action, method = "", ...more] = new URL(request.url).pathname.split("/");
		const allowed = action === "call" && more.length === 0 && this.#methods.includes(method);
		return allowed ? super.fetch(request) : new Response(null, { status: 404 });
	}
}

/** What may be asked of an object: ids in, since arguments travel in a header, and a JSON value out. */
export type Methods<Api> = { readonly [Method in keyof Api]: (id: string) => Promise<Json> };
type Json = string | number | boolean | null | { readonly [key: string]: Json };

/**
 * Calls a method of the object of this name. Rejects when it cannot be reached, or throws. Gives never the object itself: to
 * await itty's proxy would be to call a method `then` of it, and to wait for ever.
 */
export async function call<Api extends Methods<Api>, Method extends keyof Api & string>(
	namespace: DurableObjectNamespace,
	name: string,
	method: Method,
	id: string,
): Promise<Awaited<ReturnType<Api[Method]>>> {
	return proxyDurable(namespace, { parse: true }).get(name)[method](id);
}
