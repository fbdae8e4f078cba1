import { createHash } from "node:crypto";
import * as v from "valibot";
import { destinations, type EventDefinition, topology } from "../shared/events/topology.ts";
import { idOf, timeOrdered } from "../shared/ids.ts";
import { dataSchemaUri, parseEvent } from "../shared/messaging/envelope.ts";
import { signAs } from "../shared/testing/forge.ts";

/** Where an event's golden files stand, from the root of the repository, without their ending. */
export const goldenPath = (type: string, version: number) => `shared/events/golden/${type}.v${version}`;

const events: Readonly<Record<string, EventDefinition>> = topology.events;
const happenedAt = Date.UTC(2026, 10, 2, 12);

/** The definition of an event of the topology; throws with the names of those that there are. */
export function definitionOf(type: string): EventDefinition {
	const definition = Object.hasOwn(events, type) ? events[type] : undefined;
	if (definition) return definition;
	throw new Error(`There is no event "${type}" in shared/events/topology.ts, but there are: ${Object.keys(events).join(", ")}`);
}

/**
 * The golden event of a type in the version that is sent, and its message, signed with the test key of its producer for
 * its first destination. `written` is what stands in its file: `data` at least; whatever else is missing of the envelope
 * is added, always the same. A complete event comes out as it went in.
 */
export async function goldenMessage(type: string, written: Record<string, unknown>): Promise<{ event: object; message: string }> {
	const { from, version, schemas, ...definition } = definitionOf(type);
	const fixed = createHash("sha256").update(goldenPath(type, version)).digest();
	const event = {
		specversion: "1.0",
		id: idOf("evt", "00", timeOrdered(happenedAt, fixed.subarray(0, 10))),
		source: from,
		type,
		...(definition.anonymous ? {} : { subject: `cus_00${"0".padEnd(26, "a")}` }),
		time: new Date(happenedAt).toISOString(),
		dataschema: dataSchemaUri(type, version),
		correlationid: idOf("req", "00", fixed.subarray(10, 26)),
		traceparent: "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
		...written,
	};
	if (!parseEvent(JSON.stringify(event))) throw new Error(`${goldenPath(type, version)}.json is not an envelope`);
	const schema = schemas[version];
	const parsed = schema && v.safeParse(schema, written["data"]);
	if (!parsed?.success) {
		const wrong = parsed?.issues.map((issue) => `  ${v.getDotPath(issue) ?? "data"}: ${issue.message}`) ?? ["  it has no schema"];
		throw new Error(`The schema of ${type} in version ${version} does not accept this data:\n${wrong.join("\n")}`);
	}
	const [audience] = destinations({ from, version, schemas, ...definition })[0] ?? [];
	const message = await signAs(from, event, { aud: audience, iat: Date.parse(event.time) / 1000 });
	return { event, message };
}
