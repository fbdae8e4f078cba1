import { spawnSync } from "node:child_process";

export interface Process {
	readonly pid: number;
	readonly parent: number;
	readonly group: number;
	readonly command: string;
}

/**
 * Everything that runs on this machine, as `ps` tells it; not what has ended and only waits for its parent. Nothing where
 * there is no `ps`: wrangler then ends what it has started by itself.
 */
export function processes(): Process[] {
	const { stdout: table } = spawnSync("ps", ["-eo", "pid=,ppid=,pgid=,stat=,args="], { encoding: "utf8" });
	if (!table) return [];
	const rows = [...table.matchAll(/^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/gm)].filter(
		([, , , , state]) => !state?.startsWith("Z"),
	);
	return rows.map(([, pid, parent, group, , command = ""]) => ({
		pid: Number(pid),
		parent: Number(parent),
		group: Number(group),
		command,
	}));
}

/** The processes that `pid` has started, and itself. */
export function descendants(pid: number | undefined): number[] {
	const all = processes();
	const found = pid === undefined ? [] : [pid];
	for (const parent of found) found.push(...all.filter((one) => one.parent === parent).map((one) => one.pid));
	return found;
}

/** What a wrangler that died left behind in our process group; those of another stack still have their parent. */
export function orphans(): number[] {
	const all = processes();
	const ours = all.find(({ pid }) => pid === process.pid)?.group;
	const hasWrangler = ({ parent }: Process) => all.some(({ pid, command }) => pid === parent && command.includes("wrangler"));
	const left = all.filter((one) => one.group === ours && /\/(workerd|esbuild) /.test(one.command) && !hasWrangler(one));
	return left.map(({ pid }) => pid);
}

export function kill(pids: readonly number[]): void {
	for (const pid of pids) {
		try {
			process.kill(pid, "SIGKILL");
		} catch {
			// it has ended
		}
	}
}
