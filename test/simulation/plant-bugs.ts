import { parseArgs } from "node:util";
import { catchBug, runs } from "./catch-bug.ts";
import { plantedBugs } from "./planted-bugs.ts";

const { values } = parseArgs({
	options: {
		/** Those in worlds of money alone. */
		money: { type: "boolean", default: false },
	},
});
const chosen = plantedBugs.filter(({ isOfMoney }) => isOfMoney || !values.money);
const caught = chosen.map(async (bug) => {
	const found = await catchBug(bug);
	console.log(`${found ? "caught" : "MISSED"}  ${bug.name}${found ? `\n        ${found}` : ""}`);
	return found !== null;
});
const missed = (await Promise.all(caught)).filter((found) => !found).length;
console.log(`${chosen.length - missed} of ${chosen.length} planted bugs are caught within ${runs} seeds.`);
process.exitCode = missed === 0 ? 0 : 1;
