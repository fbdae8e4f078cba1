import type { BaseCtx } from "../context.ts";
import type { ContractVersion } from "./feed.ts";

/** 32 bits of SHA-256 over all that a version says, wherever it stands in the feed. */
export async function digestOf(
	{ digest }: Pick<BaseCtx, "digest">,
	{ contractId, version, withdrawn, terms }: Omit<ContractVersion, "seq">,
): Promise<number> {
	const { name, summary, devices, coverage, responseHours, price } = terms;
	const said = [name, summary, devices, coverage, responseHours, price.amountMinor, price.currency];
	const bytes = await digest(JSON.stringify([contractId, version, withdrawn, ...said]));
	return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}

/** What is known of a set of versions without reading them again. */
export interface Tally {
	readonly count: number;
	/** The last sequence number. */
	readonly last: number;
	/** Of the digests: an integer that is exact for two million versions. */
	readonly sum: number;
}

/** Two sets of versions with the same checksum are the same, in whatever order they were put together. */
export const checksumOf = ({ count, last, sum }: Tally) => `${count}-${last}-${sum}`;
