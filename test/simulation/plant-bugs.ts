import { catchBug, runs } from "./catch-bug.ts";
import { plantedBugs } from "./planted-bugs.ts";

const caught = plantedBugs.map(async (bug) => {
	const found = await catchBug(bug);
	console.log(`${found ? "caught" : "MISSED"}  ${bug.name}${found ? `\n        ${found}` : ""}`);
	return found !== null;
});
const missed = (await Promise.all(caught)).filter((found) => !found).length;
console.log(`${plantedBugs.length - missed} of ${plantedBugs.length} planted bugs are caught within ${runs} seeds.`);
process.exitCode = missed === 0 ? 0 : 1;
