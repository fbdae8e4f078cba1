import { Random } from "../../shared/testing/random.ts";
import { type Kind, kinds } from "./kinds.ts";
import { mutations } from "./mutations.ts";

/** What became of a mutated token: refused, or believed and meaning what it meant before. Anything else is a finding. */
type Outcome = "refused" | "same meaning" | "unchanged";

export interface Hunt {
	/** By sort of token and mutation. */
	readonly counts: ReadonlyMap<string, Readonly<Record<Outcome, number>>>;
	/** What would have been a forgery; the seed and the number reproduce it. */
	readonly findings: readonly string[];
}

interface Issued {
	readonly kind: Kind;
	readonly token: string;
	readonly meaning: string;
}

const poolOfEach = 12;
const mostFindings = 20;

/**
 * Mutates true tokens `runs` times and shows each to the verifier of its own sort and to another one. Nobody may believe
 * anything that none of the tokens it was made of has said. The same seed, the same hunt.
 */
export async function hunt(seed: number, runs: number): Promise<Hunt> {
	const random = new Random(seed);
	const pool = await issue(random);
	const counts = new Map<string, Record<Outcome, number>>();
	const findings: string[] = [];
	const names = Object.keys(mutations) as [string, ...string[]]; // there are some
	const mutation = () => (random.chance(0.1) ? "forged" : random.pick(names)); // the most of what somebody could try
	for (let run = 0; run < runs && findings.length < mostFindings; run++) {
		const [base, other] = [random.pick(pool), random.pick(pool)];
		const applied = Array.from({ length: random.chance(0.2) ? random.between(2, 5) : 1 }, mutation);
		const token = applied.reduce((text, name) => mutations[name]?.(random, text, other.token) ?? text, base.token);
		const told = (what: string) =>
			findings.push(`run ${run}: ${base.kind.name}, ${applied.join(" + ")}: ${what}\n    ${token.slice(0, 600)}`);
		for (const verifier of new Set([base.kind, random.pick(kinds)])) {
			const how = applied.length === 1 ? applied[0] : "several";
			const name = verifier === base.kind ? `${base.kind.name}: ${how}` : `${base.kind.name} as ${verifier.name}`;
			const count = counts.get(name) ?? { refused: 0, "same meaning": 0, unchanged: 0 };
			counts.set(name, count);
			try {
				const believed = await verifier.read(token);
				const said = [base, other].filter(({ kind }) => kind === verifier).map(({ meaning }) => meaning);
				if (believed === undefined) count.refused += 1;
				else if (!said.includes(believed)) told(`${verifier.name} believes ${believed}`);
				else count[token === base.token || token === other.token ? "unchanged" : "same meaning"] += 1;
			} catch (error) {
				told(`${verifier.name} throws ${error}`);
			}
		}
	}
	return { counts, findings };
}

async function issue(random: Random): Promise<[Issued, ...Issued[]]> {
	const pool: Issued[] = [];
	for (const kind of kinds) {
		for (let i = 0; i < poolOfEach; i++) {
			const token = await kind.issue(random);
			const meaning = await kind.read(token);
			if (meaning === undefined) throw new Error(`a true ${kind.name} token is refused: ${token}`);
			pool.push({ kind, token, meaning });
		}
	}
	return pool as [Issued, ...Issued[]]; // there are kinds
}
