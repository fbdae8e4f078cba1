import * as v from "valibot";
import { fromBase64Url } from "../../../shared/bytes.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { parseJson } from "../../../shared/messaging/envelope.ts";
import { refuseClearNumbers } from "./clear-numbers.ts";
import { SealHeader } from "./schemas.ts";

/** A compact JWE (RFC 7516) of ECDH-ES, which has no encrypted key, with A256GCM: 96 bits and 128 bits. */
const shape = /^([\w-]{1,1024})\.\.[\w-]{16}\.[\w-]{1,1024}\.[\w-]{22}$/;

/**
 * The name of the key for which a card was sealed, when its protected header says what it has to say and nothing else.
 * What is inside, only billing can tell. Throws `wrong_seal`, or `card_number_in_clear`.
 */
export function sealedFor(jwe: string, { customerId, cardId }: { customerId: string; cardId: string }): string {
	const json = headerOf(jwe);
	refuseClearNumbers(json);
	const header = v.safeParse(SealHeader, parseJson(json));
	const isOurs = header.success && header.output.sub === customerId && header.output.cid === cardId;
	if (!isOurs) throw new Problem("wrong_seal");
	return header.output.kid;
}

function headerOf(jwe: string): string {
	const [, header] = shape.exec(jwe) ?? [];
	try {
		if (header !== undefined) return fromBase64Url(header);
	} catch {
		// base64url of a length that no bytes have
	}
	throw new Problem("wrong_seal");
}
