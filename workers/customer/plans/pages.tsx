import type { Context } from "hono";
import { Hono } from "hono/tiny";
import * as v from "valibot";
import { planLimits } from "../../../shared/events/customer.ts";
import { checkForm, readForm } from "../../../shared/http/form.ts";
import type { FormState } from "../../../shared/ui/form.tsx";
import type { App } from "../context.ts";
import { listContracts } from "../contracts/list-contracts.ts";
import { orAgain, type Words } from "../forms.ts";
import { UnpaidNotice } from "../payments/views.tsx";
import { requireSignIn } from "../sessions/require-session.ts";
import { doneAt, show } from "../show.tsx";
import { getPlan, getPlanAndPayment } from "./get-plan.ts";
import { previewPlan } from "./preview-plan.ts";
import { WantedLine } from "./schemas.ts";
import { signPlan } from "./sign-plan.ts";
import { ConfirmCancel, EditPlan, NoPlan, PlanView, ReviewPlan } from "./views.tsx";

const current = "/plan";

const Line = v.pipe(
	v.string(),
	v.transform((sent) => {
		const [contractId, version] = sent.split(".");
		return { contractId, version: Number(version) };
	}),
	WantedLine,
);
/** What was chosen: at least one contract, each once. */
const PlanForm = v.strictObject({
	line: v.pipe(
		v.array(Line),
		v.minLength(1),
		v.maxLength(planLimits.lines),
		v.check((lines) => new Set(lines.map(({ contractId }) => contractId)).size === lines.length),
	),
});

const words: Words = {
	line: "Choose at least one contract",
	"line max_length": `Choose at most ${planLimits.lines} contracts`,
	"line check": "Choose only one version of each contract",
	lines: "Contracts in different currencies cannot be in one plan",
};

export const planPages = new Hono<App>()
	.use(requireSignIn)
	.get("/", async (c) => {
		const { plan, unpaid } = await getPlanAndPayment({ ctx: c.get("ctx"), input: c.get("session") });
		const notice = <UnpaidNotice unpaid={unpaid} />;
		if (plan.status !== "none" && plan.status !== "ended")
			return show(c, { title: "Your plan", current }, <PlanView plan={plan} notice={notice} />);
		return show(c, { title: "Your plan", current }, [<h1>Your plan</h1>, notice, <NoPlan ended={plan.status === "ended"} />]);
	})
	.get("/edit", (c) => {
		const line = c.req.queries("line");
		return showEdit(c, line && { values: { line } }, 200);
	})
	.get("/review", async (c) => {
		const { done: _, ...typed } = c.req.queries();
		return orAgain(
			{ typed, words },
			async () => {
				const { line: lines } = checkForm(PlanForm, typed);
				const preview = await previewPlan({ ctx: c.get("ctx"), input: { customerId: c.get("session").customerId, lines } });
				return show(c, { title: "Check and sign", current }, <ReviewPlan preview={preview} />);
			},
			(form, status) => showEdit(c, form, status),
		);
	})
	.post("/review", async (c) => {
		const ctx = c.get("ctx");
		const session = c.get("session");
		const typed = await readForm(c.req.raw);
		return orAgain(
			{ typed, words },
			async () => {
				const { line: lines } = checkForm(PlanForm, typed);
				const { next } = await signPlan({ ctx, input: { session, lines } });
				return c.redirect(next ? doneAt("/plan", "plan-changed") : doneAt("/tickets/new", "plan-signed"), 303);
			},
			(form, status) => showEdit(c, form, status),
		);
	})
	.get("/cancel", async (c) => showCancel(c, { values: {} }, 200))
	.post("/cancel", async (c) => {
		const typed = await readForm(c.req.raw);
		return orAgain(
			{ typed, words: {} },
			async () => {
				checkForm(v.strictObject({}), typed);
				await signPlan({ ctx: c.get("ctx"), input: { session: c.get("session"), lines: [] } });
				return c.redirect(doneAt("/plan", "plan-ends"), 303);
			},
			(form, status) => showCancel(c, form, status),
		);
	})
	.post("/keep", async (c) => {
		const ctx = c.get("ctx");
		const session = c.get("session");
		checkForm(v.strictObject({}), await readForm(c.req.raw));
		const { lines } = await getPlan({ ctx, input: session });
		const wanted = lines.map(({ contractId, version }) => ({ contractId, version }));
		if (wanted.length === 0) return c.redirect("/plan", 303); // it has ended meanwhile: the page says so
		await signPlan({ ctx, input: { session, lines: wanted } });
		return c.redirect(doneAt("/plan", "plan-kept"), 303);
	});

/** With what was chosen, else what will hold: the plan as it is to become, or as it is. */
async function showEdit(c: Context<App>, chosen: FormState | undefined, status: 200 | 409 | 422 | 503) {
	const ctx = c.get("ctx");
	const [{ contracts }, plan] = await Promise.all([listContracts({ ctx }), getPlan({ ctx, input: c.get("session") })]);
	const coming = plan.next && plan.next.lines.length > 0 ? plan.next.lines : plan.lines;
	const form = chosen ?? { values: { line: coming.map(({ contractId, version }) => `${contractId}.${version}`) } };
	const signed = [...new Map([...plan.lines, ...coming].map((line) => [`${line.contractId}.${line.version}`, line])).values()];
	return show(c, { title: "Choose your plan", current, status }, <EditPlan form={form} contracts={contracts} signed={signed} />);
}

async function showCancel(c: Context<App>, form: FormState, status: 200 | 409 | 422 | 503) {
	const plan = await getPlan({ ctx: c.get("ctx"), input: c.get("session") });
	if (status === 200 && plan.status !== "active") return c.redirect(current, 303); // nothing is left to cancel
	return show(c, { title: "Cancel your plan", current, status }, <ConfirmCancel plan={plan} form={form} />);
}
