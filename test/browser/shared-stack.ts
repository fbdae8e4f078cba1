import type { TestProject } from "vitest/node";
import { type Address, startStack } from "./site.ts";

declare module "vitest" {
	interface ProvidedContext {
		/** The stack that all files of browser tests share: each makes customers of its own. */
		stack: Address;
	}
}

export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
	const { address, end } = await startStack();
	provide("stack", address);
	return end;
}
