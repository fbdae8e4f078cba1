import { existsSync, rmSync } from "node:fs";
import { relative } from "node:path";
import { lastPort, portIsFree, root, runningFile, say, stateFolder } from "./home.ts";

/** `npm run reset`: the local data are gone, keys stay. */
const shown = relative(root, stateFolder);
const port = lastPort();
if (port !== undefined && !(await portIsFree(port))) {
	say(`The stack runs, on port ${port}: stop it before its data are deleted.`);
	process.exitCode = 1;
} else {
	const existed = existsSync(stateFolder);
	rmSync(stateFolder, { recursive: true, force: true });
	rmSync(runningFile, { force: true });
	say(existed ? `Deleted ${shown}: the next npm start begins with the demo data.` : `There is nothing to delete in ${shown}.`);
}
