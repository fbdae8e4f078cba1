import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Looks for a card number in whatever a stack has left behind, in every form that a careless line could have given it. */

const utf8 = (text: string) => Buffer.from(text);

/** The part of base64 that is the same whatever stands before and after, for each of the three places where it may begin. */
function base64Of(bytes: Buffer): string[] {
	return [0, 1, 2].map((before) => {
		const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
		return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
	});
}

/** Each form of a number, by its name, as bytes to look for. */
export function formsOf(number: string): ReadonlyMap<string, Buffer> {
	const groups = number.match(/.{1,4}/g) ?? [];
	const hex = utf8(number).toString("hex");
	const digest = createHash("sha256").update(number).digest();
	const integer = Buffer.alloc(8);
	integer.writeBigInt64BE(BigInt(number));
	const forms: [string, string | Buffer][] = [
		["plain", number],
		["with spaces", groups.join(" ")],
		["with dashes", groups.join("-")],
		["in a URL, with spaces", groups.join("%20")],
		["in a form, with spaces", groups.join("+")],
		["URL-encoded", hex.replaceAll(/../g, "%$&")],
		["reversed", [...number].reverse().join("")],
		["hexadecimal", hex],
		["UTF-16, low byte first", Buffer.from(number, "utf16le")],
		["UTF-16, high byte first", Buffer.from(number, "utf16le").swap16()],
		["an integer of SQLite", integer.subarray(1)],
		["an integer, low byte first", Buffer.from(integer).reverse().subarray(0, 7)],
		...base64Of(utf8(number)).map((text, i): [string, string] => [`base64, from byte ${i} of 3`, text]),
		...base64Of(utf8(groups.join(" "))).map((text, i): [string, string] => [`base64 with spaces, from byte ${i} of 3`, text]),
		["SHA-256", digest],
		["SHA-256, hexadecimal", digest.toString("hex")],
		["SHA-256, HEXADECIMAL", digest.toString("hex").toUpperCase()],
		["SHA-256, base64", digest.toString("base64").replace(/=+$/, "")],
		["SHA-256, base64url", digest.toString("base64url")],
	];
	return new Map(forms.map(([name, form]) => [name, typeof form === "string" ? utf8(form) : form]));
}

/** Where one of the numbers is, in which form. */
export function findIn(name: string, content: Buffer, numbers: readonly string[]): string[] {
	return numbers.flatMap((number) =>
		[...formsOf(number)].filter(([, form]) => content.includes(form)).map(([form]) => `${name}: ${form}`),
	);
}

/** Every file under a folder, whatever it is, as bytes; and of databases every value too, which may be in pieces on the disk. */
export function findUnder(folder: string, numbers: readonly string[]): string[] {
	return filesUnder(folder).flatMap((path) => {
		const name = relative(folder, path);
		const values = path.endsWith(".sqlite") ? findIn(`${name}, its values`, valuesOf(path), numbers) : [];
		return [...findIn(name, readFileSync(path), numbers), ...values];
	});
}

export const filesUnder = (folder: string): string[] =>
	readdirSync(folder, { recursive: true, encoding: "utf8" })
		.map((name) => join(folder, name))
		.filter((path) => statSync(path).isFile());

/** All that is in the tables of a database, and in the log of what is not in its file yet. */
function valuesOf(path: string): Buffer {
	using database = openToRead(path);
	const values = rowsOf(database).flatMap((row) => Object.values(row));
	return Buffer.concat(values.flatMap((value) => [value instanceof Uint8Array ? value : utf8(String(value)), utf8("\n")]));
}

/** Leaves its files as they are: whoever may write puts the log into the file at the end. */
export const openToRead = (path: string) => new DatabaseSync(path, { readOnly: true });

function rowsOf(database: DatabaseSync): Record<string, unknown>[] {
	const tables = database.prepare("select name from sqlite_schema where type = 'table'").all();
	return tables.flatMap(({ name }) => {
		const statement = database.prepare(`select * from "${String(name)}"`);
		statement.setReadBigInts(true);
		return statement.all();
	});
}
