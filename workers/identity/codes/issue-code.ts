import { toHex } from "../../../shared/bytes.ts";
import { prepare } from "../../../shared/sql.ts";
import { authFor } from "../auth/auth.ts";
import { type IdentityCtx, identityDatabase } from "../context.ts";
import { boundCode, type CodeBinding, codeOf } from "./code.ts";
import { deleteReplacedCode, takeSend } from "./store.ts";

/** Where better-auth keeps the code of an address. */
export const codeIdentifier = ({ purpose, email }: Pick<CodeBinding, "purpose" | "email">) => `${purpose}-otp-${email}`;

/**
 * Makes a new code in place of the last one of this address and purpose, good for 10 minutes and three attempts.
 * Undefined when the address has had its 5 codes of an hour or 10 of a day. The same work for whatever address.
 */
export async function issueCode({ ctx, input }: { ctx: IdentityCtx; input: CodeBinding }): Promise<string | undefined> {
	const { email, purpose } = input;
	const database = identityDatabase(ctx);
	const params = { email, now: ctx.now(), id: toHex(ctx.randomBytes(8)), identifier: codeIdentifier(input) };
	const [taken] = await database.batch([prepare(database, takeSend, params), prepare(database, deleteReplacedCode, params)]);
	if (taken?.results.length !== 1) return undefined;

	const code = codeOf(ctx.randomBytes(8));
	await authFor(ctx, { code: boundCode(input, code) }).createVerificationOTP({ body: { email, type: purpose } });
	return code;
}
