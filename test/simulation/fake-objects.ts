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
	/** The platform has given its alarm up: then nothing in it can run by itself. */
	isGivenUp: boolean;
}

/** An object while it is in memory: all that runs in it dies together. */
interface Instance {
	readonly life: Life;
	readonly ctx: BillingCtx;
	readonly state: DeliveryState;
	/** Storage operations that are not confirmed: meanwhile nothing else begins. */
	storing: number;
	/** What has begun in it and not ended. */
	running: number;
	readonly waiting: (() => void)[];
}

/**
 * A host of Durable Objects as bad as it may be: an object is evicted at any await, keeps only what was stored, and its alarm
 * runs at least once, unless its handler has failed seven times: then the platform gives it up. Two calls of one object run
 * beside each other, but where storage is waited for (https://developers.cloudflare.com/durable-objects/reference/in-memory-state/).
 */
export class ObjectHost {
	/** What no object may do. */
	readonly violations = new Set<string>();
	readonly counts = { calls: 0, alarms: 0, evictions: 0, givenUp: 0, stored: 0 };
	readonly #cluster: Cluster;
	readonly #kept = new Map<string, Kept>();
	readonly #instances = new Map<string, Instance>();

	constructor(cluster: Cluster) {
		this.#cluster = cluster;
	}

	/** The ids of the objects that keep something, and are not given up: what nobody calls any more cannot end. */
	get left(): string[] {
		const isLeft = ({ data, alarm: at, isGivenUp }: Kept) => !isGivenUp && (data !== undefined || at !== null);
		return [...this.#kept].filter(([, kept]) => isLeft(kept)).map(([id]) => id);
	}

	/** Objects that keep something, do nothing, and are not going to run, though the platform has not given them up. */
	get idle(): string[] {
		const isIdle = (id: string, { data, alarm: at, isGivenUp }: Kept) =>
			data?.invoiceId !== undefined && at === null && !isGivenUp && (this.#instances.get(id)?.running ?? 0) === 0;
		return [...this.#kept].filter(([id, kept]) => isIdle(id, kept)).map(([id]) => id);
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
			const { world, faults } = this.#cluster;
			if (world.random.chance(faults.evict)) this.#instances.get(id)?.life.end();
			const instance = this.#instances.get(id) ?? this.#load(id);
			instance.life.onDeath.push(() => reject(new Error("the object was evicted")));
			instance.running += 1;
			const done = () => {
				instance.running -= 1;
			};
			const begin = () => void work(instance).finally(done).then(resolve, reject);
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
		const ctx = this.#watched(id, this.#cluster.ctx("billing", life));
		const instance = { life, ctx, state: this.#stateOf(id, life), storing: 0, running: 0, waiting: [] };
		this.#instances.set(id, instance);
		return instance;
	}

	/** Whatever becomes of an attempt, the next one is armed before it. */
	#watched(id: string, ctx: BillingCtx): BillingCtx {
		const look = () => {
			const { data, alarm: at } = this.#kept.get(id) ?? {};
			if (data?.invoiceId !== undefined && at === null) this.violations.add(`${id} is sent, and nothing comes after that`);
		};
		const queue: BillingCtx["queue"] = (name) => ({
			send: (texts) => {
				look();
				return ctx.queue(name).send(texts);
			},
		});
		return { ...ctx, queue };
	}

	/** An object ends when its invoice has arrived, or cannot, and D1 says so. */
	#ended(invoiceId: string | undefined): void {
		const text = `select 1 from deliveries where invoice_id = '${invoiceId}' and delivered_at is null and rejected_reason is null`;
		if (this.#cluster.rows("billing", text).length > 0)
			this.violations.add(`${invoiceId} has not arrived, and its object has ended`);
	}

	#stateOf(id: string, life: Life): DeliveryState {
		const none = { invoiceId: undefined, attempts: 0, intoSilence: false };
		const kept = () => this.#kept.get(id) ?? { data: undefined, alarm: null, isGivenUp: false };
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
					next.isGivenUp = false;
				});
			},
			getAlarm: async () => kept().alarm,
			destroy: () =>
				store((next) => {
					this.#ended(next.data?.invoiceId);
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
		const { random } = this.#cluster.world;
		const { faults } = this.#cluster;
		this.counts.alarms += 1;
		this.#kept.set(id, { ...kept, alarm: null });
		const again = () => {
			const now = this.#kept.get(id);
			if (!now || now.alarm !== null) return; // another one was set meanwhile
			if (retries === mostRetries || random.chance(faults.giveUp)) {
				this.counts.givenUp += 1;
				this.#kept.set(id, { ...now, isGivenUp: true });
				return this.#cluster.world.say(() => `the platform gives up the alarm of ${id}`);
			}
			const next = this.#cluster.world.now + 2000 * 2 ** retries;
			this.#kept.set(id, { ...now, alarm: next });
			this.#arm(id, next, retries + 1);
		};
		if (this.#cluster.isAway("down", "billing") || random.chance(faults.giveUp / 2)) again();
		else this.#run(id, ({ ctx, state }) => alarm({ ctx, state })).catch(again);
	}
}
