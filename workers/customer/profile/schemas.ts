import * as v from "valibot";
import { Language, regions, snapshotLimits } from "../../../shared/events/customer.ts";
import { lineOfBytes, phonePattern } from "../../../shared/http/texts.ts";
import { idPattern } from "../../../shared/ids.ts";
import { countries } from "./countries.ts";

/** A line that fits into every snapshot of the profile. */
const field = (name: keyof typeof snapshotLimits) => lineOfBytes(snapshotLimits[name]);

/** The body of `PUT profile`: all that the customer says, replacing what was said before. */
export const NewProfile = v.strictObject({
	name: field("name"),
	street: field("street"),
	postalCode: field("postalCode"),
	city: field("city"),
	/** ISO 3166-1 alpha-2. */
	country: v.picklist(countries),
	region: v.picklist(regions),
	phone: v.pipe(field("phone"), v.regex(phonePattern)),
	language: Language,
	/** Of what happens to the customer's tickets. */
	notify: v.strictObject({ email: v.boolean(), sms: v.boolean() }),
});
export type NewProfile = v.InferOutput<typeof NewProfile>;

/** What the customer has said. Null is what is still missing. */
export const Profile = v.object({
	customerId: v.pipe(v.string(), v.regex(idPattern("cus"))),
	/** As identity has it; empty before the first sign-in only. */
	email: v.string(),
	name: v.nullable(v.string()),
	street: v.nullable(v.string()),
	postalCode: v.nullable(v.string()),
	city: v.nullable(v.string()),
	/** ISO 3166-1 alpha-2. */
	country: v.nullable(v.string()),
	region: v.nullable(v.string()),
	phone: v.nullable(v.string()),
	language: Language,
	notify: v.object({ email: v.boolean(), sms: v.boolean() }),
	/** The fields without which no ticket can be submitted, by name. */
	missing: v.array(v.string()),
});
export type Profile = v.InferOutput<typeof Profile>;
