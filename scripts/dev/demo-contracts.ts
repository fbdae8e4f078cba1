import { createHash } from "node:crypto";
import { digestOf } from "../../shared/contracts/checksum.ts";
import type { ContractTerms } from "../../shared/contracts/feed.ts";

const terms = (
	name: string,
	devices: ContractTerms["devices"],
	responseHours: number,
	amountMinor: number,
	summary: string,
	coverage: string[],
): ContractTerms => ({ name, summary, devices, coverage, responseHours, price: { amountMinor, currency: "EUR" } });

const visits = "As many visits at home as it takes";
const parts = "Spare parts up to 150 € a year";

/** What every local stack's catalogue begins with. A new one is added at the end: its place is its id. */
const catalogue: readonly ContractTerms[] = [
	terms("Television Basic", ["television"], 48, 590, "An expert looks after one television, within two days.", [
		"Two visits at home a year",
		"Picture, sound and reception",
	]),
	terms("Television Complete", ["television"], 24, 1190, "One television of any size, with spare parts and wall mount.", [
		visits,
		parts,
		"Wall mounts and cables",
		"Setting up a new television",
	]),
	terms("Home Cinema", ["television", "audio"], 24, 1690, "Picture and sound that belong together.", [
		visits,
		"Television, receiver and loudspeakers",
		"Calibration once a year",
	]),
	terms("Audio Care", ["audio"], 72, 490, "Hi-fi, radios and record players, old ones too.", [
		"Two visits at home a year",
		"Belts, needles and contacts",
	]),
	terms("Computer Basic", ["computer"], 48, 790, "Help with one computer that does not do what it should.", [
		"Two visits at home a year",
		"Slow systems, printers, lost files",
		"Help by telephone",
	]),
	terms("Computer Complete", ["computer"], 8, 1990, "Two computers, the same working day, with backup.", [
		visits,
		"Two computers and their printers",
		"A backup, tested twice a year",
		parts,
	]),
	terms("Home Office", ["computer", "network", "phone"], 4, 2990, "For whoever works at home and cannot wait.", [
		"An expert within four hours, Monday to Saturday",
		"Computer, network and telephone",
		"A loan device while yours is away",
	]),
	terms("Network and Wi-Fi", ["network"], 24, 890, "Wi-Fi in every room, and somebody who finds out why not.", [
		visits,
		"Router, repeaters and cables",
		"Wi-Fi measured in every room",
	]),
	terms("Phone Care", ["phone"], 72, 390, "Settings, screens and batteries of one phone.", [
		"Moving to a new phone",
		"One screen or battery a year",
		"Help by telephone",
	]),
	terms("Kitchen and Laundry", ["appliance"], 24, 1490, "Washing machine, dryer, dishwasher, refrigerator, oven.", [
		visits,
		"Up to five large appliances",
		"Spare parts up to 300 € a year",
	]),
	terms("Smart Home", ["smart_home", "network"], 48, 1290, "Heating, light and locks that listen again.", [
		"Four visits at home a year",
		"Hubs, thermostats, lights and locks",
		"Updates and passwords in order",
	]),
	terms("Gaming", ["gaming", "television"], 48, 690, "Consoles and controllers, and the screen that they need.", [
		"Two visits at home a year",
		"Two consoles with their controllers",
		"Drifting sticks repaired once a year",
	]),
	terms(
		"Whole Household",
		["television", "audio", "computer", "phone", "network", "appliance", "smart_home", "gaming"],
		24,
		4990,
		"Everything with a plug, one contract, one number to call.",
		[visits, "Every device of the household", "Spare parts up to 500 € a year", "A check of everything once a year"],
	),
];

const sha256 = { digest: async (text: string) => new Uint8Array(createHash("sha256").update(text).digest()) };
const since = Date.UTC(2026, 0, 1);

/** The catalogue as rows of sysops' `contract_versions`: they reach customers by replication, like any other. */
export const demoContracts = await Promise.all(
	catalogue.map(async (content, i) => {
		const version = { contractId: `ctr_00${String(i + 1).padStart(26, "0")}`, version: since, withdrawn: false, terms: content };
		return {
			seq: i + 1,
			contract_id: version.contractId,
			version: version.version,
			withdrawn: 0,
			terms: JSON.stringify(content),
			digest: await digestOf(sha256, version),
			created_at: since,
		};
	}),
);
