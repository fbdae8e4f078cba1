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
	/** `get` for what only asks. */
	readonly method?: "get" | "post";
	readonly form: FormState;
	/** Names of the fields that go along unseen. */
	readonly hidden?: readonly string[];
	/** What the button says. */
	readonly submit: string;
	/** For what is good once only, such as a code: a double click sends it once, where the page has the script for it. */
	readonly once?: boolean;
	/** For what cannot be undone. */
	readonly danger?: boolean;
	/** Beside the button, such as a way back. */
	readonly beside?: Child;
	readonly children?: Child;
}

/** Sends to `action`. The server checks it and says what is wrong in words, so the browser does not. */
export const Form = ({ action, method = "post", form, hidden = [], submit, once, danger, beside, children }: FormProps) => (
	<form class="form" method={method} action={action} novalidate data-once={once}>
		<ErrorSummary {...form} />
		{hidden.flatMap((name) => valuesOf(form, name).map((value) => <input type="hidden" name={name} value={value} />))}
		{children}
		<div class="row">
			<button class={danger ? "button danger" : "button"} type="submit">
				{submit}
			</button>
			{beside}
		</div>
	</form>
);

interface PostButtonProps {
	readonly action: string;
	readonly label: string;
	/** What it is about, for who hears the button without what stands around it. */
	readonly about?: string;
	readonly name?: string;
	readonly value?: string;
}

/** A form that is a button alone. */
export const PostButton = ({ action, label, about, name, value }: PostButtonProps) => (
	<form method="post" action={action}>
		{name && <input type="hidden" name={name} value={value} />}
		<button class="link" type="submit">
			{label}
			{about && <span class="visually-hidden">: {about}</span>}
		</button>
	</form>
);
