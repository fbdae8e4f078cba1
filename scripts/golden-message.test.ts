import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { type EventDefinition, topology } from "../shared/events/topology.ts";
import { goldenMessage, goldenPath } from "./golden-message.ts";

const versions = Object.entries<EventDefinition>(topology.events).map(([type, { version }]) => ({ type, version }));
const read = (path: string) => readFileSync(path, "utf8").trim();

it.each(versions)("leaves the golden $type of version $version as it is", async ({ type, version }) => {
	const path = goldenPath(type, version);

	const { event, message } = await goldenMessage(type, JSON.parse(read(`${path}.json`)));

	expect(event).toEqual(JSON.parse(read(`${path}.json`)));
	expect(message).toBe(read(`${path}.jws`)); // to the letter: it is signed
});

it("makes the same event again of a sample of its data, and of nothing more", async () => {
	// given the data of an event
	const sample = { data: JSON.parse(read("shared/events/golden/TicketCommented.v1.json")).data };

	// when it is completed twice
	const [first, again] = [await goldenMessage("TicketCommented", sample), await goldenMessage("TicketCommented", sample)];

	// then it is the whole envelope, and the same one
	expect(first.event).toMatchObject({ source: "customer", dataschema: "urn:sysops-squad:TicketCommented:1", ...sample });
	expect(again).toEqual(first);
});

it("names what the schema does not accept", async () => {
	await expect(goldenMessage("TicketCommented", { data: { text: "" } })).rejects.toThrow(/ticketId: .*\n.*commentId: /);
});

it("names the events that there are", async () => {
	await expect(goldenMessage("TicketLost", {})).rejects.toThrow(/"TicketLost".*TicketSubmitted/);
});
