/** `npm run bench:assignment`: how long one plan takes, by the number of tickets that wait. */
import { someProblem } from "../shared/testing/assignment.ts";
import { assign } from "../workers/sysops/assignment/assignment.ts";

const runs = 7;

console.log("tickets  experts  assigned  looks      median ms");
for (const [tickets, experts] of [
	[1_000, 500],
	[10_000, 50],
	[10_000, 500],
] as const) {
	const problem = someProblem(1, { tickets, experts });
	const times = Array.from({ length: runs }, () => {
		const start = performance.now();
		assign(problem);
		return performance.now() - start;
	});
	const { assignments, looks } = assign(problem);
	const median = times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0;
	const cells = [
		String(tickets).padEnd(8),
		String(experts).padEnd(8),
		String(assignments.length).padEnd(9),
		String(looks).padEnd(10),
	];
	console.log([...cells, median.toFixed(1)].join(" "));
}
