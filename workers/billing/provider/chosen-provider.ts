import { describeError, type Log } from "../../../shared/log.ts";
import type { PaymentProvider } from "./provider.ts";
import { ProviderFailed } from "./provider-failed.ts";
import { sandboxProvider } from "./sandbox-provider.ts";
import { stripeProvider } from "./stripe-provider.ts";

export interface ProviderEnv {
	readonly PAYMENT_PROVIDER: string;
	readonly PAYMENT_SANDBOX_URL: string;
	readonly PAYMENT_KEY: string;
}

/** The one that is configured. Every call that it rejects is logged, with its reason. Without one every call is rejected. */
export function chosenProvider(env: ProviderEnv, log: Pick<Log, "warn">): PaymentProvider {
	const { register, charge, findCharge, refund, findRefund } = provider(env);
	const logged =
		<Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
		async (...args: Args) => {
			try {
				return await call(...args);
			} catch (error) {
				const reason = error instanceof ProviderFailed ? error.reason : undefined;
				log.warn("payment_provider_failed", { reason, error: describeError(error) });
				throw error;
			}
		};
	return {
		register: logged(register),
		charge: logged(charge),
		findCharge: logged(findCharge),
		refund: logged(refund),
		findRefund: logged(findRefund),
	};
}

function provider({ PAYMENT_PROVIDER, PAYMENT_SANDBOX_URL: url, PAYMENT_KEY: key }: ProviderEnv): PaymentProvider {
	switch (PAYMENT_PROVIDER) {
		case "sandbox":
			return sandboxProvider({ url, key });
		case "stripe":
			return stripeProvider({ key });
		default:
			return nobody;
	}
}

const reject = async (): Promise<never> => {
	throw new ProviderFailed("not_configured");
};
const nobody: PaymentProvider = { register: reject, charge: reject, findCharge: reject, refund: reject, findRefund: reject };
