import type { BillingCtx } from "../../workers/billing/context.ts";
import { alarm, type DeliveryState, delivered, ensure } from "../../workers/billing/delivery/attempts.ts";
import type { Deliveries } from "../../workers/billing/delivery/deliveries.ts";
import type { Cluster } from "./cluster.ts";
import { crash, Life, wire } from "./wire.ts";

/** The platform calls an alarm again after 2 s, doubling, and after the sixth time never again: https://developers.cloudflare.com/durable-objects/api/alarms/ */
const mostRetries = 6;

/** What survives an eviction. */
interface Kept {
	data: Pick<DeliveryState, "invoiceId" | "attempts" | "intoSilence"> | undefined;
	alarm: number | null;
}

/** An object while it is in memory: all that runs in it dies together. */
interface Instance {
	readonly life: Life;
	readonly ctx: BillingCtx;
	readonly state: DeliveryState;
	/** Storage operations that are not confirmed: meanwhile nothing else begins. */
	storing: number;
	readonly waiting: (() => void)[];
}

/**
 * A host of Durable Objects as bad as it may be: an object is evicted at any await, keeps only what was stored, and its alarm
 * runs at least once, unless its handler has failed seven times: then the platform gives it up. Two calls of one object run
 * beside each other, but where storage is waited for (https://developers.cloudflare.com/durable-objects/reference/in-memory-state/).
 */
export class ObjectHost {
	readonly counts = { calls: 0, alarms: 0, evictions: 0, givenUp: 0, stored: 0 };
	readonly #cluster: Cluster;
	readonly #kept = new Map<string, Kept>();
	readonly #instances = new Map<string, Instance>();

	constructor(cluster: Cluster) {
		this.#cluster = cluster;
	}

	/** The ids of the objects that keep something. */
	get left(): string[] {
		return [...this.#kept].filter(([, { data, alarm: at }]) => data !== undefined || at !== null).map(([id]) => id);
	}

	/** Whether an object is going to run by itself. */
	isArmed(id: string): boolean {
		return (this.#kept.get(id)?.alarm ?? null) !== null;
	}

	/** The objects as a Worker reaches them: a call may be refused, or its answer lost. */
	reachedBy(life: Life): Deliveries {
		const call = wire(this.#cluster, life, "billing");
		const through = async (what: string, id: string, work: (instance: Instance) => Promise<void>) => {
			await call(`call of ${what} ${id}`, () => {});
			await this.#run(id, work);
			await call(`answer of ${what} ${id}`, () => {});
		};
		return {
			ensure: (invoiceId) => through("ensure", invoiceId, ({ ctx, state }) => ensure({ ctx, state, input: { invoiceId } })),
			delivered: (invoiceId) => through("delivered", invoiceId, ({ ctx, state }) => delivered({ ctx, state })),
		};
	}

	/** Something begins in an object as soon as its storage is at rest. Rejects when it dies meanwhile. */
	#run(id: string, work: (instance: Instance) => Promise<void>): Promise<void> {
		this.counts.calls += 1;
		return new Promise((resolve, reject) => {
			const instance = this.#instances.get(id) ?? this.#load(id);
			instance.life.onDeath.push(() => reject(new Error("the object was evicted")));
			const begin = () => void work(instance).then(resolve, reject);
			if (instance.storing > 0) instance.waiting.push(begin);
			else begin();
		});
	}

	#load(id: string): Instance {
		const life = new Life();
		life.onDeath.push(() => {
			this.counts.evictions += 1;
			this.#instances.delete(id);
		});
		const instance = { life, ctx: this.#cluster.ctx("billing", life), state: this.#stateOf(id, life), storing: 0, waiting: [] };
		this.#instances.set(id, instance);
		return instance;
	}

	#stateOf(id: string, life: Life): DeliveryState {
		const none = { invoiceId: undefined, attempts: 0, intoSilence: false };
		const kept = () => this.#kept.get(id) ?? { data: undefined, alarm: null };
		/** What is written before the next await is written together. */
		const store = (change: (kept: Kept) => void): Promise<void> => {
			const instance = this.#instances.get(id);
			if (life.dead || !instance) return new Promise(() => {});
			this.counts.stored += 1;
			const next = { ...kept() };
			change(next);
			this.#kept.set(id, next);
			instance.storing += 1;
			return new Promise((resolve) => {
				this.#cluster.world.after(1, () => {
					if (life.dead) return;
					const { world, faults } = this.#cluster;
					if (world.random.chance(faults.crash / 2)) return crash(this.#cluster, life, `object ${id} once it has stored`);
					instance.storing -= 1;
					resolve();
					if (instance.storing === 0) for (const begin of instance.waiting.splice(0)) begin();
				});
			});
		};
		const state: DeliveryState = {
			...none,
			...kept().data,
			persist: () => {
				const { invoiceId, attempts, intoSilence } = state;
				return store((next) => {
					next.data = { invoiceId, attempts, intoSilence };
				});
			},
			setAlarm: (at) => {
				this.#arm(id, at);
				return store((next) => {
					next.alarm = at;
				});
			},
			getAlarm: async () => kept().alarm,
			destroy: () =>
				store((next) => {
					next.data = undefined;
					next.alarm = null;
				}),
		};
		return state;
	}

	#arm(id: string, at: number, retries = 0): void {
		this.#cluster.world.at(Math.max(at, this.#cluster.world.now + 1), () => this.#ring(id, at, retries));
	}

	/** Only the alarm that was set last rings. While the Worker is down its handler fails. */
	#ring(id: string, at: number, retries: number): void {
		const kept = this.#kept.get(id);
		if (kept?.alarm !== at) return;
		this.counts.alarms += 1;
		this.#kept.set(id, { ...kept, alarm: null });
		const again = () => {
			const now = this.#kept.get(id);
			if (!now || now.alarm !== null) return; // another one was set meanwhile
			if (retries === mostRetries) {
				this.counts.givenUp += 1;
				return this.#cluster.world.say(() => `the platform gives up the alarm of ${id}`);
			}
			const next = this.#cluster.world.now + 2000 * 2 ** retries;
			this.#kept.set(id, { ...now, alarm: next });
			this.#arm(id, next, retries + 1);
		};
		if (this.#cluster.isAway("down", "billing")) again();
		else this.#run(id, ({ ctx, state }) => alarm({ ctx, state })).catch(again);
	}
}
