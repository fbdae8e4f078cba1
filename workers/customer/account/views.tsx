import type { Account } from "../../../shared/identity.ts";
import { TextField } from "../../../shared/ui/fields.tsx";
import { Form, type FormState, PostButton, valuesOf } from "../../../shared/ui/form.tsx";
import { Table } from "../../../shared/ui/table.tsx";
import { Badge, DateTime, EmailAddress, Message } from "../../../shared/ui/text.tsx";

const instant = (at: number) => new Date(at).toISOString();

export const AccountView = ({ account }: { account: Account }) => (
	<>
		<h1>Your account</h1>
		{account.heldUntil !== null && (
			<Message kind="warning">
				<p>
					Your account was recovered a short while ago. For your safety the e-mail address and cards cannot be changed, and no
					passkey can be added, before <DateTime at={instant(account.heldUntil)} time />.
				</p>
			</Message>
		)}
		<p>
			Your customer number, for when you call us: <bdi class="small">{account.customerId}</bdi>
		</p>
		<Email {...account} />
		<Passkeys {...account} />
		<Sessions {...account} />
	</>
);

const Email = ({ email, emailChange }: Account) => (
	<section class="card stack close" aria-labelledby="email">
		<h2 id="email">E-mail address</h2>
		<p>
			<EmailAddress address={email} />
		</p>
		{emailChange ? (
			<>
				<p>
					It changes to{" "}
					<strong>
						<EmailAddress address={emailChange.email} />
					</strong>{" "}
					on <DateTime at={instant(emailChange.takesEffectAt)} time />. We have told your present address.
				</p>
				<PostButton action="/account/email/cancel" label="Keep the present address" />
			</>
		) : (
			<p>
				<a class="link" href="/account/email">
					Change the address
				</a>
			</p>
		)}
	</section>
);

const Passkeys = ({ passkeys }: Account) => (
	<section class="card stack" aria-labelledby="passkeys">
		<h2 id="passkeys">Passkeys</h2>
		<p class="quiet">With a passkey you sign in by fingerprint, face or PIN, without waiting for a code.</p>
		{passkeys.length > 0 && (
			<Table
				caption="Your passkeys"
				columns={["Name", "Added", "Remove"]}
				rows={passkeys.map(({ id, name, createdAt }) => [
					<bdi>{name}</bdi>,
					<DateTime at={instant(createdAt)} />,
					<PostButton action="/account/passkeys/remove" label="Remove" about={name} name="id" value={id} />,
				])}
			/>
		)}
		<noscript>
			<p>To add a passkey, allow scripts for this page. Everything else works without.</p>
		</noscript>
		<div class="stack close narrow" data-passkey-only hidden>
			<div class="field">
				<label for="passkey-name">Name of a new passkey</label>
				<input class="input" id="passkey-name" type="text" maxlength={60} placeholder="My phone" />
			</div>
			<p>
				<button class="button second" type="button" data-passkey="add" data-next="/account?done=passkey-added">
					Add a passkey
				</button>
			</p>
			<p role="status" data-passkey-status />
		</div>
	</section>
);

const Sessions = ({ sessions }: Account) => (
	<section class="card stack" aria-labelledby="sessions">
		<h2 id="sessions">Where you are signed in</h2>
		<Table
			caption="Your sessions"
			columns={["Device", "Last used", "End"]}
			rows={sessions.map(({ id, lastUsedAt, userAgent, current }) => [
				deviceOf(userAgent),
				<DateTime at={instant(lastUsedAt)} time />,
				current ? (
					<Badge kind="good">This one</Badge>
				) : (
					<PostButton action="/account/sessions/end" label="End" about={deviceOf(userAgent)} name="id" value={id} />
				),
			])}
		/>
		{sessions.length > 1 && <PostButton action="/account/sessions/end" label="End all others" name="id" value="others" />}
	</section>
);

const browsers = [
	["Edg/", "Edge"],
	["Firefox/", "Firefox"],
	["Chrome/", "Chrome"],
	["Safari/", "Safari"],
] as const;
const systems = ["iPhone", "iPad", "Android", "Windows", "Mac", "Linux"] as const;

/** Good enough to recognise one's own: browsers hide most of what they are. */
function deviceOf(userAgent: string): string {
	const [, browser] = browsers.find(([mark]) => userAgent.includes(mark)) ?? ["", "A browser"];
	const system = systems.find((name) => userAgent.includes(name));
	return system ? `${browser} on ${system}` : browser;
}

export const ChangeEmail = ({ form }: { form: FormState }) => (
	<div class="stack narrow">
		<h1>
			Change your <span class="whole">e-mail</span> address
		</h1>
		<p class="lead">
			We send a code to the new address. The change takes effect 24 hours later, and your present address is told.
		</p>
		<Form action="/account/email" form={form} once submit="Send a code" beside={back}>
			<TextField form={form} name="email" type="email" label="New e-mail address" autocomplete="email" />
		</Form>
	</div>
);

export const ConfirmEmail = ({ form }: { form: FormState }) => (
	<div class="stack narrow">
		<h1>Enter the code</h1>
		<p class="lead">
			We have sent a code to <EmailAddress address={valuesOf(form, "email")[0] ?? ""} />.
		</p>
		<Form action="/account/email/code" form={form} hidden={["email"]} once submit="Confirm the address" beside={back}>
			<TextField
				form={form}
				name="code"
				label="Code"
				hint="Eight letters and digits, as in the e-mail"
				autocomplete="one-time-code"
				code
			/>
		</Form>
	</div>
);

export const RemovePasskey = ({ form }: { form: FormState }) => (
	<div class="stack narrow">
		<h1>Remove a passkey</h1>
		<Form action="/account/passkeys/remove" form={form} hidden={["id"]} submit="Remove it" danger beside={back} />
	</div>
);

const back = (
	<a class="link" href="/account">
		Leave it as it is
	</a>
);
