import { readFileSync } from "node:fs";
import { parse } from "smol-toml";
import { expect, it } from "vitest";
import { configs } from "../scripts/workers.ts";

const config = (worker: keyof typeof configs) => parse(readFileSync(configs[worker], "utf8"));

it("sysops has no address but the one behind Cloudflare Access", () => {
	expect(config("sysops")).toMatchObject({ workers_dev: false, preview_urls: false });
});

it("the customer Worker has no preview addresses", () => {
	expect(config("customer")).toMatchObject({ preview_urls: false });
});

it.each(Object.keys(configs) as (keyof typeof configs)[])(
	"the production configuration of %s names no development issuer or key",
	(worker) => {
		const text = readFileSync(configs[worker], "utf8").replaceAll(/^#.*$/gm, "");

		expect(text).not.toMatch(/localhost|127\.0\.0\.1|__dev|development|http:/i);
		expect(config(worker)).toMatchObject({ vars: { PUBLIC_KEYS: "{}", FIRST_RESEND_SECONDS: "" } });
	},
);

it("the production configuration of sysops has no issuer until somebody sets one: staff routes answer 503 until then", () => {
	expect(config("sysops")).toMatchObject({ vars: { ACCESS_ISSUER: "", ACCESS_AUDIENCE: "" } });
});
