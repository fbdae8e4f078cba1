import type { There } from "./circle-back.ts";

export interface Here {
	readonly there: There;
}
