/** First parts of the paths that somebody may be led to after signing in. */
const places = ["tickets", "plan", "cards", "invoices", "profile", "account", "contracts"];

/**
 * The path that `next` asks for, if it is one of ours, else `/` (row 17). Only plain characters: nothing that a browser
 * could read as another host, and nothing encoded that could become one.
 */
export function pathOf(next: string | undefined): string {
	const [, place = ""] = /^\/([a-z-]+)(?:\/[\w-]+)*(?:\?[\w=&.~-]*)?$/.exec(next ?? "") ?? [];
	return next !== undefined && places.includes(place) ? next : "/";
}
