import { type IdPrefix, idOf, type Shard } from "../ids.ts";

/** A new id, another one at each call. */
export const newId = (prefix: IdPrefix, shard: Shard) => idOf(prefix, shard, crypto.getRandomValues(new Uint8Array(16)));

/** A customer's id that is the same in every run: the same shard and letter, the same customer. */
export const customerId = (shard: Shard, letter = "a") => `cus_${shard}0${letter.repeat(25)}`;

export const someCustomer = {
	name: "Ada Example",
	street: "1 Analytical Way",
	postalCode: "N1 9GU",
	city: "London",
	country: "GB",
	region: "london",
	phone: "+44 20 7946 0000",
} as const;

export const someTicket = {
	device: "Television",
	category: "television",
	priority: "normal",
	text: "It stays dark.",
} as const;

/** What a customer says of themselves: the body of `PUT profile`. */
export const someProfile = {
	name: "Ada Example",
	street: "1 Analytical Way",
	postalCode: "N1 9GU",
	city: "London",
	country: "GB",
	region: "south",
	phone: "+44 20 7946 0000",
	language: "de",
	notify: { email: false, sms: true },
} as const;
