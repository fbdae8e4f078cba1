import type { SkillCategory } from "../../shared/events/customer.ts";

/** What the kinds of devices are called on a page. */
export const deviceNames: Readonly<Record<SkillCategory, string>> = {
	television: "Television",
	audio: "Audio and hi-fi",
	computer: "Computer or tablet",
	phone: "Phone",
	network: "Internet and Wi-Fi",
	appliance: "Household appliance",
	smart_home: "Smart home",
	gaming: "Games console",
};
