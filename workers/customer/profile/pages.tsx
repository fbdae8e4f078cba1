import { Hono } from "hono/tiny";
import * as v from "valibot";
import type { regions } from "../../../shared/events/customer.ts";
import { checkForm, readForm } from "../../../shared/http/form.ts";
import { Choices, Select, TextField } from "../../../shared/ui/fields.tsx";
import { Form, type FormState } from "../../../shared/ui/form.tsx";
import type { App } from "../context.ts";
import { orAgain, type Words } from "../forms.ts";
import { getPlan } from "../plans/get-plan.ts";
import { requireSignIn } from "../sessions/require-session.ts";
import { doneAt, show } from "../show.tsx";
import { changeProfile } from "./change-profile.ts";
import { countries } from "./countries.ts";
import { getProfile } from "./get-profile.ts";
import type { Profile } from "./profile.ts";
import { NewProfile } from "./schemas.ts";

const current = "/profile";

const ways = ["email", "sms"] as const;
const ProfileForm = v.strictObject({
	...NewProfile.entries,
	notify: v.pipe(
		v.array(v.picklist(ways)),
		v.transform((chosen) => ({ email: chosen.includes("email"), sms: chosen.includes("sms") })),
	),
	/** What was missing when the form was made: whoever completes the profile is led on. */
	first: v.optional(v.picklist(["", "yes"]), ""),
});

const words: Words = {
	name: "Enter your name",
	street: "Enter street and number",
	postalCode: "Enter the postal code",
	city: "Enter the town or city",
	country: "Choose the country",
	region: "Choose the region",
	phone: "Enter a phone number with its country code, such as +44 20 7946 0000",
	language: "Choose the language in which we write to you",
	notify: "Choose how we may tell you news",
};

const regionNames: Readonly<Record<(typeof regions)[number], string>> = {
	north: "North",
	east: "East",
	south: "South",
	west: "West",
	central: "Central",
};

let countryNames: [string, string][] | undefined;

/** Every country by its name, in its order. Made when first needed, and not at the start of the Worker. */
function countryOptions(): [string, string][] {
	if (!countryNames) {
		const names = new Intl.DisplayNames("en", { type: "region" });
		countryNames = countries.map((code): [string, string] => [code, names.of(code) ?? code]);
		countryNames.sort(([, a], [, b]) => a.localeCompare(b, "en"));
	}
	return countryNames;
}

export const profilePages = new Hono<App>()
	.use(requireSignIn)
	.get("/", async (c) => {
		const profile = await getProfile({ ctx: c.get("ctx"), input: c.get("session") });
		// https://developers.cloudflare.com/fundamentals/reference/http-headers/#cf-ipcountry: also XX and T1, for unknown
		const here = countries.find((code) => code === c.req.header("cf-ipcountry")) ?? null;
		const form = formOf({ ...profile, country: profile.country ?? here });
		return show(c, { title: "Your profile", current }, <ProfileView form={form} />);
	})
	.post("/", async (c) => {
		const ctx = c.get("ctx");
		const session = c.get("session");
		const typed = await readForm(c.req.raw);
		return orAgain(
			{ typed, words },
			async () => {
				const { first, ...profile } = checkForm(ProfileForm, typed);
				await changeProfile({ ctx, input: { ...profile, session } });
				if (!first) return c.redirect(doneAt(current, "profile-saved"), 303);
				const { status } = await getPlan({ ctx, input: session });
				const next = status === "active" || status === "ending" ? "/tickets/new" : "/plan/edit";
				return c.redirect(doneAt(next, "profile-saved"), 303);
			},
			(form, status) => show(c, { title: "Your profile", current, status }, <ProfileView form={form} />),
		);
	});

function formOf({ missing, notify, name, street, postalCode, city, country, region, phone, language }: Profile): FormState {
	const texts = { name, street, postalCode, city, country, region, phone, language, first: missing.length > 0 ? "yes" : "" };
	const values = Object.entries(texts).map(([field, value]) => [field, value ?? ""]);
	return { values: { ...Object.fromEntries(values), notify: ways.filter((way) => notify[way]) } };
}

const ProfileView = ({ form }: { form: FormState }) => (
	<>
		<h1>Your profile</h1>
		<p class="lead">Where our expert comes to, and how we reach you.</p>
		<div class="narrow">
			<Form action={current} form={form} hidden={["first"]} submit="Save profile">
				<TextField form={form} name="name" label="Your name" autocomplete="name" />
				<TextField form={form} name="street" label="Street and number" autocomplete="address-line1" />
				<div class="pair narrow-first">
					<TextField form={form} name="postalCode" label="Postal code" autocomplete="postal-code" />
					<TextField form={form} name="city" label="Town or city" autocomplete="address-level2" />
				</div>
				<div class="pair">
					<Select form={form} name="country" label="Country" options={countryOptions()} autocomplete="country" />
					<Select form={form} name="region" label="Region of the country" options={Object.entries(regionNames)} />
				</div>
				<TextField
					form={form}
					name="phone"
					type="tel"
					label="Phone number"
					hint="With the country code, such as +44 20 7946 0000. The expert calls before coming."
					autocomplete="tel"
				/>
				<Choices
					form={form}
					name="language"
					type="radio"
					label="In which language shall we write to you?"
					options={[
						{ value: "en", label: "English" },
						{ value: "de", label: "Deutsch" },
					]}
				/>
				<Choices
					form={form}
					name="notify"
					type="checkbox"
					label="How shall we tell you news about your tickets?"
					options={[
						{ value: "email", label: "By e-mail" },
						{ value: "sms", label: "By text message" },
					]}
				/>
			</Form>
		</div>
	</>
);
