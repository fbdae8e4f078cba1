import type { Language } from "../../../shared/events/customer.ts";

interface FrameWords {
	readonly greeting: string;
	readonly signature: string;
}

/** What stands around every message. */
export const words: Readonly<Record<Language, FrameWords>> = {
	en: { greeting: "Hello,", signature: "Sysops Squad: support for home electronics by Penultimate Electronics" },
	de: { greeting: "Guten Tag!", signature: "Sysops Squad: Hilfe bei Elektronik zu Hause, von Penultimate Electronics" },
};
