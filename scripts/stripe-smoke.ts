/**
 * `npm run stripe:smoke` with STRIPE_TEST_KEY: the adapter against Stripe's real test mode, in which no money moves. Prints what
 * was tried; ends 1 when anything came to something else, 2 without a key of the test mode. See docs/stripe.md.
 */
import { refusalOf, tryStripe } from "./try-stripe.ts";

const key = process.env["STRIPE_TEST_KEY"];
const refusal = refusalOf(key);
if (!key || refusal) {
	console.error(refusal);
	process.exit(2);
}

console.log("Asks Stripe's test mode to register, charge, decline and give back. It leaves a few test customers there.");
try {
	const steps = await tryStripe({ key });
	for (const { step, said, good } of steps) console.log(`${good ? "ok " : "RED"} ${step.padEnd(70)} ${said}`);
	if (steps.some(({ good }) => !good)) process.exitCode = 1;
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
}
