import { TextField } from "../../../shared/ui/fields.tsx";
import { Form, type FormState, valuesOf } from "../../../shared/ui/form.tsx";
import { EmailAddress } from "../../../shared/ui/text.tsx";

export const SignIn = ({ form, next }: { form: FormState; next: string }) => (
	<div class="stack narrow">
		<h1>Sign in or sign up</h1>
		<p class="lead">Enter your e-mail address and we send you a code. It is the same whether you are new here or not.</p>
		<Form action="/sign-in" form={form} hidden={["next"]} once submit="Send me a code">
			<TextField form={form} name="email" type="email" label="E-mail address" autocomplete="email" />
		</Form>
		<div class="stack close" data-passkey-only hidden>
			<p class="quiet">Or, if you have set one up:</p>
			<p>
				<button class="button second" type="button" data-passkey="sign-in" data-next={next}>
					Sign in with a passkey
				</button>
			</p>
			<p role="status" data-passkey-status />
		</div>
	</div>
);

export const EnterCode = ({ form }: { form: FormState }) => (
	<div class="stack narrow">
		<h1>Enter your code</h1>
		<p class="lead">
			We have sent a code to <EmailAddress address={valuesOf(form, "email")[0] ?? ""} />. It is good for ten minutes, in this
			browser.
		</p>
		<Form action="/sign-in/code" form={form} hidden={["email", "next"]} once submit="Sign in">
			<TextField
				form={form}
				name="code"
				label="Code"
				hint="Eight letters and digits, as in the e-mail"
				autocomplete="one-time-code"
				code
			/>
		</Form>
		<p class="quiet">Nothing came? Look into your spam folder, or have another one sent.</p>
		<form class="row" method="post" action="/sign-in" data-once>
			{["email", "next"].map((name) => (
				<input type="hidden" name={name} value={valuesOf(form, name)[0] ?? ""} />
			))}
			<button class="link" type="submit">
				Send a new code
			</button>
			<a class="link" href="/sign-in">
				Use another address
			</a>
		</form>
	</div>
);
