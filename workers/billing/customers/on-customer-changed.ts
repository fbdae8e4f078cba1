import { admitted, consumption } from "../../../shared/messaging/consumption.ts";

const fields = {
	email: "email",
	name: "name",
	street: "street",
	postal_code: "postalCode",
	city: "city",
	country: "country",
	region: "region",
	language: "language",
};
const columns = Object.keys(fields);

/** To whom the next invoice is written. */
export const onCustomerChanged = consumption("CustomerChanged", {
	newestOf: ({ subject = "" }) => subject,
	effects: [
		`insert into customers (customer_id, version, ${columns.join(", ")})
		select m.value->>'$.subject', cast(m.value->>'$.version' as integer),
			${Object.values(fields)
				.map((field) => `m.value->>'$.data.${field}'`)
				.join(", ")}
		from ${admitted} where true
		on conflict do update set version = excluded.version,
			${columns.map((column) => `${column} = excluded.${column}`).join(", ")}
		where excluded.version > customers.version`,
	],
});
