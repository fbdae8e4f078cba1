import * as v from "valibot";
import { ContractTerms } from "../../../shared/contracts/feed.ts";

export interface VersionRow {
	seq: number;
	contract_id: string;
	version: number;
	withdrawn: number;
	/** `ContractTerms` as JSON. */
	terms: string;
	created_at: number;
}

/** A version of a contract as the staff see it. `createdAt` is when it came into the catalogue. */
export function contractOf({ contract_id: id, version, withdrawn, terms, created_at }: VersionRow) {
	const createdAt = new Date(created_at).toISOString();
	return { id, version, withdrawn: withdrawn === 1, createdAt, terms: termsOf(terms) };
}
export type Contract = ReturnType<typeof contractOf>;

export const termsOf = (json: string): ContractTerms => v.parse(ContractTerms, JSON.parse(json));

/** What follows upon `previous`, which is null for the first version: it rises even after the database was put back. */
export const nextVersion = (previous: number | null, now: number) => Math.max((previous ?? 0) + 1, now);
