import * as v from "valibot";

/** The directives that our policies have; one of another name is counted as `other`. */
const directives: readonly string[] = [
	"default-src",
	"script-src",
	"script-src-elem",
	"script-src-attr",
	"style-src",
	"style-src-elem",
	"style-src-attr",
	"img-src",
	"font-src",
	"connect-src",
	"frame-src",
	"media-src",
	"object-src",
	"worker-src",
	"manifest-src",
	"form-action",
	"base-uri",
	"frame-ancestors",
	"require-trusted-types-for",
	"trusted-types",
];

/** By `report-uri` (CSP level 3, section 5.3): old browsers name the directive with what it says. */
const OldReport = v.object({
	"csp-report": v.object({ "effective-directive": v.optional(v.string()), "violated-directive": v.optional(v.string()) }),
});

/** By `report-to` (Reporting API): several in a body, maybe of other kinds. */
const NewReports = v.array(
	v.object({ type: v.string(), body: v.optional(v.object({ effectiveDirective: v.optional(v.unknown()) })) }),
);

/** How many violations of each directive a report tells of. Of all else that it says, which anybody may make up, nothing. */
export function violationsIn(report: unknown): ReadonlyMap<string, number> {
	const counts = new Map<string, number>();
	for (const name of namesIn(report)) {
		const directive = directives.includes(name) ? name : "other";
		counts.set(directive, (counts.get(directive) ?? 0) + 1);
	}
	return counts;
}

function namesIn(report: unknown): string[] {
	if (v.is(OldReport, report)) {
		const { "effective-directive": effective, "violated-directive": violated } = report["csp-report"];
		return [(effective ?? violated ?? "").split(" ")[0] ?? ""];
	}
	if (!v.is(NewReports, report)) return [];
	const violations = report.filter(({ type }) => type === "csp-violation");
	// whatever is no text stays as it is: an object can be made so that no text comes of it
	return violations.map(({ body }) => (typeof body?.effectiveDirective === "string" ? body.effectiveDirective : ""));
}
