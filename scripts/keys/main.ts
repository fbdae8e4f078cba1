import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { say } from "../dev/home.ts";
import { type DevKeys, devKeyFile, makeKeys } from "../dev/keys.ts";
import { type DeployedWorker, deployedWorkers } from "../workers.ts";
import { beforeDone, deploysFor, goBackRings, NotDone, type Outcome, pruneRings, rotateRings } from "./commands.ts";
import { commandOf, kindOf } from "./deploys.ts";
import type { KeyFile } from "./format.ts";
import { complete, readKeyFile, writeKeyFile } from "./key-file.ts";
import { listKeys } from "./list.ts";
import { keysOf, nameOf, type Ring, ringsNamed } from "./rings.ts";
import { nextStep, Refused } from "./rotation.ts";
import { giveToRunningStack } from "./running-stack.ts";
import { keyValues } from "./values.ts";

const usage = `npm run keys -- <command> [--file <key file>]

  list                                            what there is, how old, what is due
  rotate card|vault|session|survey|signing [worker]  the next step; --done when the last one is deployed
  back   card|vault|session|survey|signing [worker]  takes the last step back
  prune                                           destroys what is past its overlap; --leaked <key> that one now
  show <SECRET or VARIABLE> <worker>              its value and nothing else, for a pipe (npm run -s keys)
  init                                            makes the keys that are missing

Without --file the keys are those of the local stack, and a rotation does all its steps at once.`;

interface Options {
	/** The key file. */
	readonly path: string;
	/** The local stack's. */
	readonly isLocal: boolean;
	readonly done: boolean;
	readonly leaked: string | undefined;
}

async function main(): Promise<void> {
	const { values, positionals } = parsed();
	const [command, first, second, ...more] = positionals;
	const isLocal = values.file === undefined;
	const path = isLocal ? devKeyFile : resolve(values.file ?? "");
	const options: Options = { path, isLocal, done: values.done, leaked: values.leaked };
	if (more.length > 0) throw new Refused(`"${more.join(" ")}" is too much.\n\n${usage}`);
	switch (command) {
		case "list":
			say(listKeys(known(options), Date.now()));
			return;
		case "show":
			process.stdout.write(valueToShow(known(options), first, second));
			return;
		case "init":
			return init(options);
		case "rotate":
			return isLocal ? rotateLocally(options, ringsNamed(first, second)) : rotateOnce(options, ringsNamed(first, second));
		case "back":
			return settle(options, (file) => goBackRings(file, ringsNamed(first, second), Date.now()));
		case "prune":
			return settle(options, (file) => pruneRings(file, Date.now(), options.leaked));
		default:
			throw new Refused(usage);
	}
}

function parsed() {
	const options = { file: { type: "string" }, done: { type: "boolean", default: false }, leaked: { type: "string" } } as const;
	try {
		return parseArgs({ options, allowPositionals: true });
	} catch (error) {
		throw new Refused(`${error instanceof Error ? error.message : error}\n\n${usage}`);
	}
}

function known({ path, isLocal }: Options): KeyFile {
	const file = readKeyFile(path);
	if (!file) throw new Refused(isLocal ? "There are no keys yet: npm start makes them." : `There is no ${path}.`);
	return file;
}

function init({ path, isLocal }: Options): void {
	const before = readKeyFile(path);
	if (isLocal) makeKeys();
	else writeKeyFile(path, complete(before, Date.now()), before);
	say(
		before ? `${path} has a key for every purpose; those that it had are the same.` : `The keys are made: ${path}. Keep it safe.`,
	);
}

function valueToShow(file: KeyFile, name = "", worker = ""): string {
	const deployed = deployedWorkers.find((each): each is DeployedWorker => each === worker);
	if (!deployed) throw new Refused(`The Workers are: ${deployedWorkers.join(", ")}; not "${worker}".`);
	const values = keyValues(file, deployed);
	const names = Object.keys(values).filter((each) => kindOf(each, deployed));
	if (!names.includes(name)) throw new Refused(`${deployed} has these keys: ${names.join(", ")}; not "${name}".`);
	const value = values[name];
	if (!value) throw new Refused(`The key file has no ${name} of ${deployed}. npm run keys -- init makes what we make ourselves.`);
	return value;
}

/** In production a step at a time: what it asks for is done by a person. */
async function rotateOnce(options: Options, rings: readonly Ring[]): Promise<void> {
	const before = known(options);
	await settle(options, (file) => rotateRings(file, rings, { now: Date.now(), done: options.done }));
	const after = known(options);
	const changed = rings.filter((ring) => JSON.stringify(keysOf(before, ring)) !== JSON.stringify(keysOf(after, ring)));
	for (const ring of changed) tellNext(options, ring, nextStep(keysOf(before, ring)));
}

/** Locally the running stack is given each step, and then the next one follows. */
async function rotateLocally(options: Options, rings: readonly Ring[]): Promise<void> {
	known(options);
	// a command that was killed may have left what the stack has not been given yet
	await giveToRunningStack(makeKeys());
	let isFirst = true;
	for (;;) {
		const file = known(options);
		const next = rings.filter((ring) => {
			const step = nextStep(keysOf(file, ring));
			// only a person can say that nothing is left under the old one
			return step === "retire" && ring.purpose === "vault" ? isFirst && options.done : isFirst || step !== "add";
		});
		if (isFirst && next.length === 0) throw new NotDone(rings.map((ring) => ({ ring, step: "switch" })));
		if (next.length === 0) break;
		const isUnderWay = next.some((ring) => nextStep(keysOf(file, ring)) !== "add");
		await settle(options, (current) => rotateRings(current, next, { now: Date.now(), done: isUnderWay }));
		isFirst = false;
	}
	for (const ring of rings) if (nextStep(keysOf(known(options), ring)) === "retire") tellNext(options, ring, "switch");
}

/** Writes what has changed, then tells it, or gives it to the stack. */
async function settle(options: Options, command: (file: KeyFile) => Outcome): Promise<void> {
	const before = known(options);
	const { file, deploys, told } = command(before);
	if (JSON.stringify(before) !== JSON.stringify(file)) writeKeyFile(options.path, file, before);
	for (const line of told) say(line);
	if (options.isLocal) return giveLocally();
	if (deploys.length === 0) return;
	say("\nDeploy, in any order:");
	for (const deploy of deploys) say(`  ${commandOf(deploy, fileOption(options))}`);
}

async function giveLocally(): Promise<void> {
	const keys: DevKeys = makeKeys();
	const answer = await giveToRunningStack(keys);
	if (answer === "late") throw new Refused("The running stack has not taken the keys: restart npm start, then go on.");
	say(answer === "taken" ? "  The running stack has it." : "  No stack runs here: the next npm start has it.");
}

function tellNext(options: Options, ring: Ring, step: ReturnType<typeof nextStep>): void {
	if (step === "retire") return;
	const first = beforeDone(ring, step);
	say(
		`\nThen${first ? ` ${first}, then` : ", when all of it is deployed"}: npm run keys -- rotate ${nameOf(ring)} --done${fileOption(options)}`,
	);
}

const fileOption = ({ path, isLocal }: Pick<Options, "path" | "isLocal">) =>
	isLocal ? "" : ` --file ${/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`}`;

try {
	await main();
} catch (error) {
	say(error instanceof Error ? error.message : String(error));
	if (error instanceof NotDone) {
		const option = process.argv.indexOf("--file");
		const path = process.argv[option + 1];
		const file = option === -1 || path === undefined ? "" : fileOption({ path: resolve(path), isLocal: false });
		for (const deploy of deploysFor(error.waiting)) say(`  ${commandOf(deploy, file)}`);
		for (const { ring, step } of error.waiting) {
			say(`${beforeDone(ring, step) ?? "when it is deployed"}; then: npm run keys -- rotate ${nameOf(ring)} --done${file}`);
		}
	}
	process.exitCode = 1;
}
