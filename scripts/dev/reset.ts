import { existsSync, rmSync } from "node:fs";
import { relative } from "node:path";
import { root } from "../run.ts";
import { lastPort, mailFiles, portIsFree, runningFile, say, stateFolder } from "./home.ts";

/** `npm run reset`: the local data are gone, keys stay. */
const shown = relative(root, stateFolder);
const port = lastPort();
if (port !== undefined && !(await portIsFree(port))) {
	say(`The stack runs, on port ${port}: stop it before its data are deleted.`);
	process.exitCode = 1;
} else {
	const existed = existsSync(stateFolder);
	rmSync(stateFolder, { recursive: true, force: true });
	rmSync(mailFiles, { recursive: true, force: true });
	rmSync(runningFile, { force: true });
	say(
		existed
			? `The local data are deleted (${shown}). The next npm start begins with the demo data; keys are kept.`
			: `There are no local data to delete (${shown}).`,
	);
}
