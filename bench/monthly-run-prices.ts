/** What was used in a month. */
export interface Usage {
	/** Worker invocations, and milliseconds of CPU. */
	readonly requests: number;
	readonly cpuMs: number;
	readonly rowsRead: number;
	readonly rowsWritten: number;
	readonly storedGB: number;
	readonly queueOperations: number;
	readonly objectRequests: number;
	readonly objectGBs: number;
	readonly objectRowsWritten: number;
	readonly emails: number;
}

interface Price {
	readonly what: string;
	/** In the plan of 5 dollars a month. */
	readonly included: number;
	/** Dollars for so many more. */
	readonly dollars: number;
	readonly per: number;
}

/** The Workers Paid plan, in dollars. docs/scale.md names the pages. */
export const planDollars = 5;
const million = 1_000_000;
const prices: Readonly<Record<keyof Usage, Price>> = {
	requests: { what: "Worker requests", included: 10 * million, dollars: 0.3, per: million },
	cpuMs: { what: "CPU milliseconds", included: 30 * million, dollars: 0.02, per: million },
	rowsRead: { what: "D1 rows read", included: 25_000 * million, dollars: 0.001, per: million },
	rowsWritten: { what: "D1 rows written", included: 50 * million, dollars: 1, per: million },
	storedGB: { what: "D1 GB stored", included: 5, dollars: 0.75, per: 1 },
	queueOperations: { what: "Queue operations", included: million, dollars: 0.4, per: million },
	objectRequests: { what: "Durable Object requests", included: million, dollars: 0.15, per: million },
	objectGBs: { what: "Durable Object GB-s", included: 400_000, dollars: 12.5, per: million },
	objectRowsWritten: { what: "Durable Object rows written", included: 50 * million, dollars: 1, per: million },
	emails: { what: "E-mails", included: 3000, dollars: 0.35, per: 1000 },
};

export interface BillLine {
	readonly what: string;
	readonly used: number;
	readonly included: number;
	/** By the plan, and as if nothing were included: what one more costs once it is all used. */
	readonly dollars: number;
	readonly withoutPlan: number;
}

/** What it costs, line by line. */
export function priced(usage: Usage): BillLine[] {
	const names = Object.keys(prices) as (keyof Usage)[]; // the keys of the type
	return names.map((name) => {
		const { what, included, dollars, per } = prices[name];
		const cost = (amount: number) => (Math.max(0, amount) / per) * dollars;
		return { what, used: usage[name], included, dollars: cost(usage[name] - included), withoutPlan: cost(usage[name]) };
	});
}
