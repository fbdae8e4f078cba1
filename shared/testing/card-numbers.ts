import { isLuhnValid } from "../cards.ts";
import type { Random } from "./random.ts";

/** A number that passes for one, 16 digits long. Nobody's, but by chance. */
export function someNumber(random: Random, begin = "4"): string {
	const digits = begin + Array.from({ length: 15 - begin.length }, () => random.between(0, 10)).join("");
	return digits + Array.from({ length: 10 }, (_, last) => last).find((last) => isLuhnValid(`${digits}${last}`));
}
