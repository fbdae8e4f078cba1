/** A quotient to so many decimals, halves away from zero; null when there is nothing to divide by. */
export function quotient(numerator: number, denominator: number, decimals: number): number | null {
	if (denominator === 0) return null;
	const scaled = (numerator * 10 ** decimals) / denominator;
	return (Math.sign(scaled) * Math.round(Math.abs(scaled))) / 10 ** decimals || 0; // never a negative zero
}

/** How many of how many, as a share from 0 to 1 with three decimals. */
export const rate = (count: number, of: number) => ({ count, of, rate: quotient(count, of, 3) });
