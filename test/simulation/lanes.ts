/** A gate that lets `count` pieces of work run at the same time; the others wait for their turn. */
export function lanes(count: number): <T>(work: () => Promise<T>) => Promise<T> {
	let free = count;
	const waiting: (() => void)[] = [];
	return async (work) => {
		if (free > 0) free -= 1;
		else await new Promise<void>((resolve) => waiting.push(resolve));
		try {
			return await work();
		} finally {
			const next = waiting.shift();
			if (next) next();
			else free += 1;
		}
	};
}
