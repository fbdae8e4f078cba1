import { type Language, snapshotLimits } from "../../../shared/events/customer.ts";
import type { Profile } from "./schemas.ts";

export type { Profile } from "./schemas.ts";

export interface ProfileRow {
	readonly name: string | null;
	readonly street: string | null;
	readonly postal_code: string | null;
	readonly city: string | null;
	readonly country: string | null;
	readonly region: string | null;
	readonly phone: string | null;
	readonly email: string;
	readonly language: Language;
	readonly notify_by_email: number;
	readonly notify_by_sms: number;
}

const needed = Object.keys(snapshotLimits) as (keyof typeof snapshotLimits)[]; // its own keys

/** A customer without a row has said nothing yet. */
export function profileOf(customerId: string, row: ProfileRow | undefined): Profile {
	const address = {
		name: row?.name ?? null,
		street: row?.street ?? null,
		postalCode: row?.postal_code ?? null,
		city: row?.city ?? null,
		country: row?.country ?? null,
		region: row?.region ?? null,
		phone: row?.phone ?? null,
	};
	return {
		customerId,
		email: row?.email ?? "",
		...address,
		language: row?.language ?? "en",
		notify: { email: row?.notify_by_email !== 0, sms: row?.notify_by_sms === 1 },
		missing: needed.filter((field) => !address[field]),
	};
}
