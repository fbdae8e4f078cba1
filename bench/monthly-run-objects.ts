import type { World } from "../test/simulation/world.ts";
import type { BillingCtx } from "../workers/billing/context.ts";
import { alarm, type DeliveryState, delivered, ensure } from "../workers/billing/delivery/attempts.ts";
import type { Deliveries } from "../workers/billing/delivery/deliveries.ts";
import type { Tally } from "./monthly-run-tally.ts";

interface Kept extends DeliveryState {
	alarmAt: number | null;
	/** Rows in its storage: its fields, its alarm. */
	isStored: boolean;
}

/** The objects of invoices where nothing goes wrong. One that has deleted itself is forgotten here as well. */
export class Objects {
	readonly #kept = new Map<string, Kept>();
	readonly #world: World;
	readonly #tally: Tally;
	readonly #ctx: () => BillingCtx;

	constructor(world: World, tally: Tally, ctx: () => BillingCtx) {
		this.#world = world;
		this.#tally = tally;
		this.#ctx = ctx;
	}

	/** How many keep something. */
	get left(): number {
		return this.#kept.size;
	}

	/** The objects as a Worker reaches them. */
	readonly deliveries: Deliveries = {
		ensure: (invoiceId) => {
			this.#tally.objects.ensure += 1;
			return ensure({ ctx: this.#ctx(), state: this.#load(invoiceId), input: { invoiceId } });
		},
		delivered: async (invoiceId) => {
			this.#tally.objects.delivered += 1;
			const known = this.#kept.get(invoiceId);
			if (known) await delivered({ ctx: this.#ctx(), state: known });
		},
	};

	#load(id: string): Kept {
		const tally = this.#tally.objects;
		const state: Kept = this.#kept.get(id) ?? {
			invoiceId: undefined,
			attempts: 0,
			intoSilence: false,
			alarmAt: null,
			isStored: false,
			persist: async () => {
				tally.rowsWritten += 1;
				state.isStored = true;
			},
			setAlarm: async (at) => {
				tally.rowsWritten += 1;
				state.alarmAt = at;
				this.#world.at(at, () => this.#ring(id, state, at));
			},
			getAlarm: async () => state.alarmAt,
			destroy: async () => {
				tally.rowsWritten += Number(state.isStored) + Number(state.alarmAt !== null);
				state.alarmAt = null;
				this.#kept.delete(id);
			},
		};
		this.#kept.set(id, state);
		tally.atOnce = Math.max(tally.atOnce, this.#kept.size);
		return state;
	}

	/** Only the alarm that was set last rings. */
	#ring(id: string, state: Kept, at: number): void {
		if (state.alarmAt !== at || this.#kept.get(id) !== state) return;
		this.#tally.objects.alarms += 1;
		state.alarmAt = null;
		void alarm({ ctx: this.#ctx(), state });
	}
}
