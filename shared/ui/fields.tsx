import type { Child } from "hono/jsx";
import { errorOf, type FormState, valuesOf } from "./form.tsx";

export interface FieldProps {
	readonly form: FormState;
	/** Also the id, to which the error summary leads. */
	readonly name: string;
	readonly label: string;
	readonly hint?: string;
}

/** What a field, its hint and its error have in common: a screen reader hears them together. */
function describe({ form, name, hint }: FieldProps) {
	const error = errorOf(form, name);
	const ids = [hint && `${name}-hint`, error && `${name}-error`].filter(Boolean).join(" ");
	return { error, aria: { "aria-describedby": ids || undefined, "aria-invalid": error ? ("true" as const) : undefined } };
}

const Hints = ({ name, hint, error }: { name: string; hint?: string | undefined; error: string | undefined }) => (
	<>
		{hint && (
			<span class="hint" id={`${name}-hint`}>
				{hint}
			</span>
		)}
		{error && (
			<span class="wrong" id={`${name}-error`}>
				<span class="visually-hidden">Error: </span>
				{error}
			</span>
		)}
	</>
);

function field({ name, label, hint }: FieldProps, error: string | undefined, input: Child) {
	return (
		<div class={error ? "field invalid" : "field"}>
			<label for={name}>{label}</label>
			<Hints name={name} hint={hint} error={error} />
			{input}
		</div>
	);
}

interface TextFieldProps extends FieldProps {
	readonly type?: "text" | "email" | "tel";
	/** What a browser may fill in: https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#autofill */
	readonly autocomplete?: string;
	/** Capital letters and digits, and the first thing to do on its page. */
	readonly code?: boolean;
	/** Digits, which no form sends: the field has no name, and what is typed stays out of the browser's memory of forms. */
	readonly unsent?: boolean;
}

export const TextField = ({ type = "text", autocomplete, code, unsent, ...props }: TextFieldProps) => {
	const { error, aria } = describe(props);
	const { form, name } = props;
	const input = { id: name, name: unsent ? undefined : name, type, autocomplete, value: valuesOf(form, name)[0] ?? "", ...aria };
	const digits = unsent ? ({ inputmode: "numeric", spellcheck: false } as const) : {};
	const typing = code || type === "email" ? ({ autocapitalize: code ? "characters" : "none", spellcheck: false } as const) : {};
	return field(props, error, <input class={code ? "input code" : "input"} {...input} {...typing} {...digits} autofocus={code} />);
};

export const TextArea = ({ rows = 6, ...props }: FieldProps & { rows?: number }) => {
	const { error, aria } = describe(props);
	const { form, name } = props;
	return field(
		props,
		error,
		<textarea class="input" id={name} name={name} rows={rows} {...aria}>
			{`\n${valuesOf(form, name)[0] ?? ""}`}
		</textarea>,
	);
};

interface SelectProps extends FieldProps {
	readonly options: readonly (readonly [value: string, label: string])[];
	readonly autocomplete?: string;
}

/** Begins with nothing chosen. */
export const Select = ({ options, autocomplete, ...props }: SelectProps) => {
	const { error, aria } = describe(props);
	const { form, name } = props;
	const [chosen] = valuesOf(form, name);
	return field(
		props,
		error,
		<select class="input" id={name} name={name} autocomplete={autocomplete} {...aria}>
			<option value="">Please choose</option>
			{options.map(([value, label]) => (
				<option value={value} selected={value === chosen}>
					{label}
				</option>
			))}
		</select>,
	);
};

export interface Choice {
	readonly value: string;
	readonly label: Child;
	readonly hint?: Child;
	/** At the end of the line, such as a price. */
	readonly aside?: Child;
}

interface ChoicesProps extends FieldProps {
	readonly type: "radio" | "checkbox";
	/** Beside each other: for the few steps of a scale. */
	readonly across?: boolean;
	readonly options: readonly Choice[];
}

/** One of several, or with `checkbox` any of them. The first has the field's id, for the error summary. */
export const Choices = ({ type, across, options, ...props }: ChoicesProps) => {
	const { error, aria } = describe(props);
	const { form, name, label, hint } = props;
	const chosen = valuesOf(form, name);
	return (
		<fieldset class={error ? "field invalid" : "field"} aria-describedby={aria["aria-describedby"]}>
			<legend>{label}</legend>
			<Hints name={name} hint={hint} error={error} />
			<div class={across ? "choices across" : "choices"}>
				{options.map((option, i) => (
					<label class="choice">
						<input
							id={i ? undefined : name}
							type={type}
							name={name}
							value={option.value}
							checked={chosen.includes(option.value)}
						/>
						<span>{option.label}</span>
						{option.aside && <span class="aside">{option.aside}</span>}
						{option.hint && <span class="hint">{option.hint}</span>}
					</label>
				))}
			</div>
		</fieldset>
	);
};
