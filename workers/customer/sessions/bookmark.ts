import { parse } from "hono/utils/cookie";
import type { Bookmark } from "../../../shared/databases.ts";

/** What the cookie `__Host-bookmark` says, as `<shard>.<bookmark>`; undefined for what we cannot have written. */
export function bookmarkOf(request: Request): Bookmark | undefined {
	const value = parse(request.headers.get("cookie") ?? "", "__Host-bookmark")["__Host-bookmark"] ?? "";
	const [, shard, bookmark] = /^([0-9a-f]{2})\.([0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32})$/.exec(value) ?? [];
	return shard && bookmark ? { shard, bookmark } : undefined;
}
