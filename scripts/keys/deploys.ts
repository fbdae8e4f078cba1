import { workerConfigs } from "../dev/configs.ts";
import { configs, type DeployedWorker, deployedWorkers, workerNames } from "../workers.ts";
import type { Purpose, Step } from "./rotation.ts";

/** One value that one Worker is to be given. */
export interface Deploy {
	readonly worker: DeployedWorker;
	readonly name: string;
}

/** What is to be deployed after a step of a rotation, in any order. `worker`: whose signing key it is. */
export function deploysAfter(purpose: Purpose, step: Step | "prune", worker?: DeployedWorker): readonly Deploy[] {
	switch (purpose) {
		case "signing":
			if (step === "switch") return worker ? [{ worker, name: "SIGNING_KEY" }] : [];
			return step === "retire" ? [] : workerNames.map((each) => ({ worker: each, name: "PUBLIC_KEYS" }));
		case "session":
			return step === "retire" ? [] : everywhere("SESSION_KEYS");
		case "survey":
			return step === "retire" ? [] : everywhere("SURVEY_KEYS");
		case "vault":
			return step === "retire" ? [] : everywhere("VAULT_KEKS");
		case "card":
			if (step === "switch") return everywhere("CARD_PUBLIC_KEYS");
			return step === "prune" ? [...everywhere("CARD_PUBLIC_KEYS"), ...everywhere("CARD_KEYS")] : everywhere("CARD_KEYS");
	}
}

const everywhere = (name: string): Deploy[] =>
	deployedWorkers.filter((worker) => kindOf(name, worker)).map((worker) => ({ worker, name }));

/** Is it a secret of this Worker, or a variable? Undefined: the Worker has no such thing. */
export function kindOf(name: string, worker: DeployedWorker): "secret" | "variable" | undefined {
	const config = workerConfigs.find((one) => one.worker === worker);
	if (config?.secrets.required.includes(name)) return "secret";
	return config && name in config.vars ? "variable" : undefined;
}

/** How a person does it. `file`: the option that names the key file, or nothing. */
export function commandOf({ worker, name }: Deploy, file: string): string {
	const config = configs[worker] === "wrangler.toml" ? "" : ` -c ${configs[worker]}`;
	const show = `npm run -s keys -- show ${name} ${worker}${file}`;
	if (kindOf(name, worker) === "secret") return `${show} | npm exec -- wrangler secret put ${name}${config}`;
	return `${show}   into ${configs[worker]}, between single quotes; then: npm exec -- wrangler deploy${config}`;
}
