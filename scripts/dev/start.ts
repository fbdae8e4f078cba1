/**
 * The local stack: `npm start`. Signals are heard before anything else, since what the stack needs takes a second to
 * load. Until something runs that has to be stopped with care, the first one ends it at once: the simulator that
 * prepares the databases would make an error of it. Every later one is only a repetition: Ctrl-C reaches the whole
 * process group, npm passes it on again.
 */
let onSignal: () => void = () => process.exit(0);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => onSignal());

const { runStack } = await import("./stack.ts");
const exitCode = await runStack(
	() =>
		new Promise((stop) => {
			onSignal = () => stop("stop");
		}),
);
process.exit(exitCode);

export {};
