import type { Here } from "./circle.ts";

export interface There {
	readonly here: Here;
}
