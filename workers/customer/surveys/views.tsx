import { Choices } from "../../../shared/ui/fields.tsx";
import { Form, type FormState } from "../../../shared/ui/form.tsx";
import { ButtonLink, DateTime } from "../../../shared/ui/text.tsx";
import type { Survey } from "./read-surveys.ts";
import type { SurveyOfTicket } from "./survey-of-ticket.ts";
import { questions } from "./words.ts";

/** 1 to 5, with words at both ends. */
const scale = (lowest: string, highest: string) => [
	{ value: "1", label: "1", hint: lowest },
	...["2", "3", "4"].map((value) => ({ value, label: value })),
	{ value: "5", label: "5", hint: highest },
];

export const Questions = ({ action, survey, form }: { action: string; survey: Survey; form: FormState }) => (
	<>
		<h1>How did it go?</h1>
		<p class="lead">
			{survey.expertName === null ? (
				"We finished the work"
			) : (
				<>
					<bdi>{survey.expertName}</bdi> finished the work
				</>
			)}{" "}
			on <DateTime at={survey.resolvedAt} />. Five short questions help us to send the right expert next time.
		</p>
		<div class="narrow stack">
			<Form action={action} form={form} hidden={["key"]} submit="Send answers">
				{Object.entries(questions).map(([name, [label, lowest, highest]]) => (
					<Choices form={form} name={name} type="radio" label={label} across options={scale(lowest, highest)} />
				))}
				<Choices
					form={form}
					name="solved"
					type="radio"
					label="Is the problem solved?"
					options={[
						{ value: "yes", label: "Yes" },
						{ value: "no", label: "No" },
					]}
				/>
			</Form>
			<p class="quiet small">Our reports are about visits. They do not name you.</p>
		</div>
	</>
);

export const Thanks = ({ at }: { at: string }) => (
	<>
		<h1>Thank you for your answers</h1>
		<p class="lead">
			We have had them since <DateTime at={at} />. There is nothing more to do here.
		</p>
		<ToHome />
	</>
);

export const AnsweredBefore = () => (
	<>
		<h1>This survey was answered before</h1>
		<p class="lead">The first answers stand, and these have not been added. Thank you all the same.</p>
		<ToHome />
	</>
);

export const Closed = () => (
	<>
		<h1>This survey is closed</h1>
		<p class="lead">
			A survey can be answered for 30 days. If you have had the link for less than that, open it from our message once more: it
			may not have been copied whole.
		</p>
		<ToHome />
	</>
);

const ToHome = () => (
	<p>
		<ButtonLink href="/">To the home page</ButtonLink>
	</p>
);

/** On the page of a ticket. */
export const SurveyBlock = ({ survey }: { survey: SurveyOfTicket }) =>
	survey === undefined ? null : (
		<section class="card stack" aria-labelledby="survey">
			<h2 id="survey">How did it go?</h2>
			{survey === "answered" ? (
				<p>Thank you for your answers.</p>
			) : (
				<>
					<p>Five short questions about this visit help us to send the right expert next time.</p>
					<p>
						<ButtonLink href={survey.path}>Answer five questions</ButtonLink>
					</p>
				</>
			)}
		</section>
	);
