import { z } from "zod";
import { configs } from "../../scripts/workers.ts";
import { testBindings } from "../../shared/testing/bindings.ts";

export default {
	fetch: () => Response.json({ configs, bindings: testBindings("customer"), valid: z.string().safeParse("text").success }),
};
