import { days, hours, minutes } from "../../../shared/time.ts";
import type { Cluster } from "../cluster.ts";
import { fakeKid } from "../fake-cards.ts";
import type { KeyEnd } from "./cards-typed.ts";

/** Replaces billing's keys while cards come in, step by step as the scripts do. */
export class Rotations {
	/** By kid. */
	readonly ends = new Map<string, KeyEnd>();
	readonly counts = { cardKeys: 0, hurried: 0, keks: 0, keksGone: 0 };
	/** Those that seal, or have sealed. */
	readonly #sealing: Set<string>;
	readonly #cluster: Cluster;

	constructor(cluster: Cluster, until: number) {
		this.#cluster = cluster;
		this.#sealing = new Set(cluster.cardKeys.keks);
		const { world } = cluster;
		const { random } = world;
		const sometime = () => random.between(world.now, random.chance(0.6) ? world.now + 25 * minutes : until);
		if (random.chance(0.6)) world.at(sometime(), () => this.#rotateCardKey(2));
		for (const number of [2, 3]) if (random.chance(0.5)) world.at(sometime(), () => this.#rotateKek(number));
	}

	/**
	 * billing knows the new key before the first browser gets it, and the old one is good for an hour after the last.
	 * When a key has to go at once, its customers hear so, and enter their cards again.
	 */
	#rotateCardKey(number: number): void {
		const { world, cardKeys: ring } = this.#cluster;
		const old = ring.current;
		const kid = fakeKid(number);
		ring.card.set(kid, null);
		const hurried = world.random.chance(0.3);
		if (hurried) this.#retire(old, world.now);
		this.counts[hurried ? "hurried" : "cardKeys"] += 1;
		world.say(() => `billing has card key ${number}${hurried ? ", and the one before is retired" : ""}`);
		world.after(world.random.pick([minutes, 10 * minutes, 3 * hours]), () => {
			ring.current = kid;
			world.say(() => `browsers are given card key ${number} from now on`);
			if (!hurried) this.#retire(old, world.now + hours);
			if (world.random.chance(0.4)) world.after(world.random.between(0, 2 * days), () => this.#rotateCardKey(number + 1));
		});
	}

	#retire(kid: string, retiredAt: number): void {
		const { world, cardKeys: ring } = this.#cluster;
		const goneAt = retiredAt + 60 * days;
		ring.card.set(kid, retiredAt);
		this.ends.set(kid, { retiredAt, goneAt });
		world.at(goneAt, () => ring.card.delete(kid));
	}

	/** The new one is there, then it seals, then the job re-wraps; when nothing is left under the old one, it goes. */
	#rotateKek(number: number): void {
		const { world, cardKeys: ring } = this.#cluster;
		const kekId = `kek-${number}`;
		ring.keks.push(kekId);
		world.after(world.random.between(0, hours), () => {
			ring.keks.splice(ring.keks.indexOf(kekId), 1);
			ring.keks.unshift(kekId);
			this.counts.keks += 1;
			world.say(() => `${kekId} seals from now on`);
			for (const old of this.#sealing) this.#removeWhenUnused(old, false);
			this.#sealing.add(kekId);
		});
	}

	#removeWhenUnused(kekId: string, waited: boolean): void {
		const { world, cardKeys: ring } = this.#cluster;
		if (!ring.keks.slice(1).includes(kekId)) return;
		const used = this.#cluster
			.rows<{ kek_id: string }>("billing", "select kek_id from vault")
			.some((row) => row.kek_id === kekId);
		if (!used && waited) {
			ring.keks.splice(ring.keks.indexOf(kekId), 1);
			this.counts.keksGone += 1;
			world.say(() => `${kekId} is no more`);
			return;
		}
		world.after(used ? hours : world.random.pick([hours, 30 * days]), () => this.#removeWhenUnused(kekId, !used));
	}

	/** Is something left that is not sealed as it should be in the end? */
	get isBusy(): boolean {
		const [current] = this.#cluster.cardKeys.keks;
		return this.#cluster.rows<{ kek_id: string }>("billing", "select kek_id from vault").some(({ kek_id }) => kek_id !== current);
	}
}
