import type { Child } from "hono/jsx";

/** What stands in the fields of a form, and what is wrong with it. */
export interface FormState {
	readonly values: Readonly<Record<string, string | readonly string[]>>;
	readonly errors?: readonly { readonly field: string; readonly message: string }[];
	/** What is in the way, apart from the fields, and where to go about it. */
	readonly obstacle?: { readonly code: string; readonly message: string; readonly link?: readonly [label: string, path: string] };
}

/** What is chosen or typed in a field. */
export const valuesOf = ({ values }: FormState, name: string): readonly string[] => [values[name] ?? []].flat();

export const errorOf = ({ errors }: FormState, name: string) => errors?.find(({ field }) => field === name)?.message;

/** Everything that is wrong, each with a way to its field. Comes first, and has the focus. */
const ErrorSummary = ({ errors = [], obstacle }: FormState) =>
	errors.length > 0 || obstacle ? (
		<div class="message error stack close" role="alert" tabindex={-1} autofocus>
			<h2>{obstacle ? "This did not work" : "Please check what you entered"}</h2>
			{obstacle && <p>{obstacle.message}</p>}
			{obstacle?.link && (
				<p>
					<a class="link" href={obstacle.link[1]}>
						{obstacle.link[0]}
					</a>
				</p>
			)}
			{errors.length > 0 && (
				<ul>
					{errors.map(({ field, message }) => (
						<li>{field ? <a href={`#${field}`}>{message}</a> : message}</li>
					))}
				</ul>
			)}
		</div>
	) : null;

export interface FormProps {
	readonly action: string;
	readonly form: FormState;
	/** What the button says. */
	readonly submit: string;
	/** For what cannot be undone. */
	readonly danger?: boolean;
	/** Beside the button, such as a way back. */
	readonly beside?: Child;
	readonly children?: Child;
}

/** Posts to `action`. The server checks it and says what is wrong in words, so the browser does not. */
export const Form = ({ action, form, submit, danger, beside, children }: FormProps) => (
	<form class="form" method="post" action={action} novalidate>
		<ErrorSummary {...form} />
		{children}
		<div class="row">
			<button class={danger ? "button danger" : "button"} type="submit">
				{submit}
			</button>
			{beside}
		</div>
	</form>
);

/** A form that is a button alone. */
export const PostButton = ({ action, label, name, value }: { action: string; label: string; name?: string; value?: string }) => (
	<form method="post" action={action}>
		{name && <input type="hidden" name={name} value={value} />}
		<button class="link" type="submit">
			{label}
		</button>
	</form>
);

export const Hidden = ({ form, name }: { form: FormState; name: string }) => (
	<>
		{valuesOf(form, name).map((value) => (
			<input type="hidden" name={name} value={value} />
		))}
	</>
);
