import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { fill } from "../../../shared/testing/backlog.ts";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { askStaff } from "../../../shared/testing/contracts.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { everyDay, givenExpert, givenWaiting } from "../../../shared/testing/experts.ts";
import { newId, someCustomer, someTicket } from "../../../shared/testing/fixtures.ts";
import { administratorEmail, migrateSysops, serveCerts, staffEmail } from "../../../shared/testing/staff.ts";
import { hours } from "../../../shared/time.ts";
import type { ExpertView } from "./view.ts";

beforeAll(async () => {
	serveCerts();
	await migrateSysops();
});

const path = "/api/v1/experts";
let made = 0;
function someExpert() {
	made += 1;
	return {
		name: "Mary Example",
		email: `mary-${made}@squad.example`,
		active: true,
		skills: { television: 2, audio: 3 },
		regions: ["south", "north"],
		hours: [
			{ day: 1, from: "08:00", to: "12:00" },
			{ day: 1, from: "12:00", to: "17:30" },
		],
		absences: [{ from: "2099-12-24T00:00:00.000Z", to: "2100-01-02T00:00:00.000Z" }],
		capacity: 4,
	};
}
type Answer = ExpertView & { code?: string; errors?: { field: string }[] };
const create = (body: object, headers: Record<string, string> = {}) => askStaff<Answer>("POST", path, { body, headers });
const change = (id: string, body: object) => askStaff<Answer>("PUT", `${path}/${id}`, { body });
async function givenMary(): Promise<{ id: string; said: ReturnType<typeof someExpert> }> {
	const said = someExpert();
	return { id: (await create(said)).body.id, said };
}
const auditOf = (id: string) =>
	rowsOf<{ actor: string; action: string; before: string | null; after: string }>(
		env.SYSOPS_DB,
		"select actor, action, before, after from audit where subject = ? order by json_extract(after, '$.version')",
		id,
	);
const roleOf = async (email: string) =>
	(await rowsOf<{ role: string }>(env.SYSOPS_DB, "select role from staff where email = ?", email))[0]?.role;

describe("a new expert", () => {
	it("is answered as he or she was said to be, and found under the address of the answer", async () => {
		const said = someExpert();
		const answer = await create(said);

		expect(answer.status).toBe(201);
		expect(answer.body).toEqual({ ...said, id: expect.stringMatching(/^exp_00/), version: 1 });
		const found = await askStaff<Answer>("GET", answer.headers.get("location") ?? "", { email: staffEmail });
		expect(found.body).toEqual(answer.body);
	});

	it("is stored in minutes and milliseconds, hours in the order of time, without absences that are over", async () => {
		const said = { ...someExpert(), email: " MARY@Squad.example " };
		const hours = [...said.hours].reverse();
		const over = { from: "2020-01-01T01:00:00+01:00", to: "2020-01-02T00:00:00Z" };
		const { body } = await create({ ...said, hours, absences: [...said.absences, over] });

		expect(body).toMatchObject({ email: "mary@squad.example", hours: said.hours, absences: said.absences });
		const stored = await rowsOf(env.SYSOPS_DB, "select hours, absences, checked_version from experts where id = ?", body.id);
		expect(stored).toEqual([
			{
				hours: '[{"day":1,"from":480,"to":720},{"day":1,"from":720,"to":1050}]',
				absences: `[{"from":${Date.UTC(2099, 11, 24)},"to":${Date.UTC(2100, 0, 2)}}]`,
				checked_version: 1,
			},
		]);
	});

	it("may sign in, and is noted with who made it and what it says", async () => {
		const { id, said } = await givenMary();

		expect(await roleOf(said.email)).toBe("expert");
		const [row, ...others] = await auditOf(id);
		expect(others).toEqual([]);
		expect(row).toMatchObject({ actor: administratorEmail, action: "expert_created", before: null });
		expect(JSON.parse(row?.after ?? "")).toMatchObject({
			version: 1,
			name: said.name,
			email: said.email,
			active: true,
			skills: said.skills,
		});
		expect(await askStaff("GET", path, { email: said.email })).toMatchObject({ status: 200 });
	});

	it("who has a role already keeps it", async () => {
		await create({ ...someExpert(), email: staffEmail });
		expect(await roleOf(staffEmail)).toBe("helpdesk");
	});

	it("with somebody else's e-mail is refused, and nothing is written", async () => {
		const { said } = await givenMary();
		const before = await contentsOf(env.SYSOPS_DB);

		const answer = await create({ ...someExpert(), email: said.email.toUpperCase() });

		expect(answer).toMatchObject({ status: 409, body: { code: "email_taken" } });
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
	});

	it("is made once for one Idempotency-Key, and found again as he or she is by then", async () => {
		const [said, headers] = [someExpert(), { "idempotency-key": "once" }];
		const answers = await Promise.all([create(said, headers), create(said, headers)]);
		expect(answers.map(({ status }) => status)).toEqual([201, 201]);
		const [{ body: first } = await create(said, headers), second] = answers;
		expect(second?.body).toEqual(first);
		expect(await auditOf(first.id)).toHaveLength(1);

		const { body: newer } = await change(first.id, { ...said, name: "Mary Other", basedOn: 1 });
		expect(await create(said, headers)).toMatchObject({ status: 201, body: newer });
	});

	it("row 32: same key, other expert: 422, and the first is kept", async () => {
		const headers = { "idempotency-key": "another" };
		await create(someExpert(), headers);
		const before = await contentsOf(env.SYSOPS_DB);

		const answers = [await create({ ...someExpert(), capacity: 5 }, headers)];

		expect(answers).toMatchObject([{ status: 422, body: { code: "idempotency_key_reused" } }]);
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
	});
});

describe("a change", () => {
	it("replaces all of it, counts the version, and is noted with before and after", async () => {
		const { id, said } = await givenMary();
		const changed = {
			...said,
			name: "Mary Other",
			skills: { gaming: 1 },
			regions: ["west"],
			absences: [],
			capacity: 1,
			active: false,
		};

		const answer = await change(id, { ...changed, basedOn: 1 });

		expect(answer).toMatchObject({ status: 200, body: { ...changed, id, version: 2 } });
		expect(answer.body.skills).toEqual({ gaming: 1 });
		const [, row] = await auditOf(id);
		expect(row).toMatchObject({ actor: administratorEmail, action: "expert_changed" });
		expect(JSON.parse(row?.before ?? "")).toMatchObject({ version: 1, name: "Mary Example", active: true });
		expect(JSON.parse(row?.after ?? "")).toMatchObject({ version: 2, name: "Mary Other", active: false });
		expect(await rowsOf(env.SYSOPS_DB, "select checked_version from experts where id = ?", id)).toEqual([{ checked_version: 1 }]);
	});

	it("on what is not the newest is a conflict and changes nothing; of two at once one succeeds", async () => {
		const { id, said } = await givenMary();
		const answers = await Promise.all([change(id, { ...said, basedOn: 1 }), change(id, { ...said, basedOn: 1 })]);
		expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
		const before = await contentsOf(env.SYSOPS_DB);

		for (const basedOn of [1, 3]) {
			expect(await change(id, { ...said, basedOn })).toMatchObject({ status: 409, body: { code: "version_conflict" } });
		}
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
	});

	it("of the e-mail moves the role; to somebody else's it is refused", async () => {
		const [{ id, said }, { said: other }] = [await givenMary(), await givenMary()];
		const before = await contentsOf(env.SYSOPS_DB);
		expect(await change(id, { ...said, email: other.email, basedOn: 1 })).toMatchObject({
			status: 409,
			body: { code: "email_taken" },
		});
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);

		const email = "new-address@squad.example";
		expect(await change(id, { ...said, email, basedOn: 1 })).toMatchObject({ status: 200 });
		expect([await roleOf(said.email), await roleOf(email), await roleOf(other.email)]).toEqual([undefined, "expert", "expert"]);
	});

	it("does not give back a role that was taken away", async () => {
		const { id, said } = await givenMary();
		await env.SYSOPS_DB.prepare("delete from staff where email = ?").bind(said.email).run();

		expect(await change(id, { ...said, active: false, basedOn: 1 })).toMatchObject({ status: 200 });

		expect(await roleOf(said.email)).toBeUndefined();
	});

	it.each([newId("exp", "00"), "exp_00", "%27%20or%201=1"])("of %s: 404", async (id) => {
		expect(await change(id, { ...someExpert(), basedOn: 1 })).toMatchObject({ status: 404, body: { code: "not_found" } });
		expect(await askStaff("GET", `${path}/${id}`)).toMatchObject({ status: 404, body: { code: "not_found" } });
	});
});

describe("the list", () => {
	it("has everybody once in the order of the ids, page by page, or those who are active or not", async () => {
		const { id, said } = await givenMary();
		await change(id, { ...said, active: false, basedOn: 1 });
		const all = await rowsOf<{ id: string; active: number }>(env.SYSOPS_DB, "select id, active from experts order by id");
		const list = async (query: string) => {
			const found: string[] = [];
			for (let next: string | null = ""; next !== null; ) {
				const { body }: { body: { items: ExpertView[]; next: string | null } } = await askStaff(
					"GET",
					`${path}?limit=2${query}&cursor=${next}`,
				);
				found.push(...body.items.map((expert) => expert.id));
				next = body.next;
			}
			return found;
		};

		expect(await list("")).toEqual(all.map((row) => row.id));
		expect(await list("&active=true")).toEqual(all.filter(({ active }) => active === 1).map((row) => row.id));
		expect(await list("&active=false")).toEqual(all.filter(({ active }) => active === 0).map((row) => row.id));
		expect(await list("&active=false")).toContain(id);
	});

	it.each(["active=maybe", "limit=101", "cursor=none"])("answers 422 for %s", async (query) => {
		expect(await askStaff("GET", `${path}?${query}`)).toMatchObject({ status: 422, body: { code: "invalid_field" } });
	});
});

describe("what is no expert: 422, and nothing is written", () => {
	const hour = { day: 1, from: "08:00", to: "12:00" };
	const away = { from: "2099-01-01T00:00:00Z", to: "2099-01-02T00:00:00Z" };
	it.each<[string, object, string]>([
		["an unknown field", { canary: 1 }, ""],
		["no name", { name: " " }, "name"],
		["a name of 121 characters", { name: "x".repeat(121) }, "name"],
		["no e-mail", { email: "mary" }, "email"],
		["no skill", { skills: {} }, "skills"],
		["an unknown skill", { skills: { television: 1, canary: 1 } }, "skills"],
		["a level of 4", { skills: { television: 4 } }, "skills.television"],
		["no region", { regions: [] }, "regions"],
		["an unknown region", { regions: ["canary"] }, "regions.0"],
		["a region twice", { regions: ["south", "south"] }, "regions"],
		["no hours", { hours: [] }, "hours"],
		["hours that overlap", { hours: [hour, { ...hour, from: "11:59", to: "13:00" }] }, "hours"],
		["hours that end before they begin", { hours: [{ ...hour, to: "08:00" }] }, "hours.0"],
		["an eighth day", { hours: [{ ...hour, day: 8 }] }, "hours.0.day"],
		["a time that is none", { hours: [{ ...hour, to: "24:01" }] }, "hours.0.to"],
		["29 parts of a week", { hours: Array.from({ length: 29 }, (_, i) => ({ ...hour, day: (i % 7) + 1 })) }, "hours"],
		["an absence that ends before it begins", { absences: [{ from: away.to, to: away.from }] }, "absences.0"],
		["an absence at no time", { absences: [{ ...away, to: "tomorrow" }] }, "absences.0.to"],
		["51 absences", { absences: Array.from({ length: 51 }, () => away) }, "absences"],
		["no capacity", { capacity: 0 }, "capacity"],
		["seven visits a day", { capacity: 7 }, "capacity"],
		["half a visit", { capacity: 1.5 }, "capacity"],
		["somebody who may be active", { active: "yes" }, "active"],
	])("%s", async (_, wrong, field) => {
		const { id, said } = await givenMary();
		const before = await contentsOf(env.SYSOPS_DB);

		const answers = [await create({ ...someExpert(), ...wrong }), await change(id, { ...said, ...wrong, basedOn: 1 })];

		for (const answer of answers) {
			expect(answer).toMatchObject({ status: 422, body: { code: "invalid_field", errors: [{ field }] } });
			expect(answer.text).not.toContain("canary");
		}
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
	});

	it.each([[undefined], ["1"], [0], [1.5]])("%j for the version that was read", async (basedOn) => {
		const { id, said } = await givenMary();
		expect(await change(id, { ...said, basedOn })).toMatchObject({ status: 422, body: { errors: [{ field: "basedOn" }] } });
	});
});

describe("who may do what", () => {
	it("only administrators write, and nobody without a role reads", async () => {
		const { id, said } = await givenMary();
		const before = await contentsOf(env.SYSOPS_DB);
		for (const email of [staffEmail, said.email]) {
			expect(await askStaff("POST", path, { body: someExpert(), email })).toMatchObject({
				status: 403,
				body: { code: "not_permitted" },
			});
			const body = { ...said, basedOn: 1 };
			expect(await askStaff("PUT", `${path}/${id}`, { body, email })).toMatchObject({
				status: 403,
				body: { code: "not_permitted" },
			});
			expect(await askStaff("GET", `${path}/${id}`, { email })).toMatchObject({ status: 200 });
		}
		for (const place of [path, `${path}/${id}`, "/api/v1/visits"]) {
			expect(await askStaff("GET", place, { email: "visitor@squad.example" })).toMatchObject({
				status: 403,
				body: { code: "not_staff" },
			});
			const headers = { "cf-access-jwt-assertion": "" };
			expect(await askStaff("GET", place, { headers })).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
		}
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
	});
});

describe("visits", () => {
	interface Visits {
		items: { from: string; to: string; ticket: { id: string; customer: object } }[];
		next: string | null;
	}
	const list = (query: string, email: string) => askStaff<Visits>("GET", `/api/v1/visits${query}`, { email });

	/** An expert with one visit that is over, one that goes on and three to come. */
	async function givenVisits() {
		const { id, said } = await givenMary();
		const now = Date.now();
		const tickets: string[] = [];
		for (const startsAt of [now - 2 * hours, now - 1 * hours, ...[1, 3, 5].map((later) => now + later * hours)]) {
			const ticketId = await givenWaiting(now, {
				status: "accepted",
				expert_id: id,
				visit_from: startsAt,
				visit_to: startsAt + 2 * hours,
			});
			tickets.push(ticketId);
			await env.SYSOPS_DB.prepare("insert into visits (expert_id, starts_at, ends_at, ticket_id) values (?, ?, ?, ?)")
				.bind(id, startsAt, startsAt + 2 * hours, ticketId)
				.run();
		}
		return { id, email: said.email, tickets };
	}

	it("are the expert's own that are not over, the next first, page by page, with where to go", async () => {
		const { email, tickets } = await givenVisits();
		await givenVisits();

		const first = await list("?limit=3", email);
		const second = await list(`?limit=3&cursor=${first.body.next}`, email);

		expect([...first.body.items, ...second.body.items].map(({ ticket }) => ticket.id)).toEqual(tickets.slice(1));
		expect(second.body.next).toBeNull();
		expect(first.body.items[0]).toMatchObject({
			from: expect.stringMatching(/Z$/),
			ticket: { ...someTicket, status: "accepted", customer: { ...someCustomer, region: "south" } },
		});
	});

	it("of somebody else are for helpdesk and administrators, who say whose", async () => {
		const [ada, ben] = [await givenVisits(), await givenVisits()];

		expect(await list(`?expert=${ben.id}`, ada.email)).toMatchObject({ status: 403, body: { code: "not_permitted" } });
		expect(await list(`?expert=${ada.id}`, ada.email)).toMatchObject({ status: 200 });
		for (const email of [staffEmail, administratorEmail]) {
			expect((await list(`?expert=${ben.id}`, email)).body.items.map(({ ticket }) => ticket.id)).toEqual(ben.tickets.slice(1));
			expect(await list("", email)).toMatchObject({ status: 422, body: { errors: [{ field: "expert" }] } });
		}
		expect(await list("?expert=exp_00", staffEmail)).toMatchObject({ status: 422, body: { errors: [{ field: "expert" }] } });
	});

	it("of somebody with the role and no expert behind it: 404", async () => {
		await env.SYSOPS_DB.prepare("insert into staff (email, role) values ('former@squad.example', 'expert')").run();
		expect(await list("", "former@squad.example")).toMatchObject({ status: 404, body: { code: "not_found" } });
	});
});

it("the 501st active expert is refused; an inactive one is not, until he or she is to be active", async () => {
	await env.SYSOPS_DB.prepare("update experts set active = 0").run();
	await fill(env.SYSOPS_DB, "experts", 499, {
		id: "printf('exp_ff%026d', i)",
		name: "'Mary Example'",
		email: "'full-' || i || '@squad.example'",
		active: 1,
		skills: "'{}'",
		regions: "'[]'",
		hours: `'${everyDay}'`,
		absences: "'[]'",
		capacity: 1,
		version: 1,
	});
	await givenExpert();
	const full = { status: 409, body: { code: "too_many_experts" } };

	expect(await create(someExpert())).toMatchObject(full);
	const inactive = { ...someExpert(), active: false };
	const { status, body } = await create(inactive);
	expect(status).toBe(201);
	expect(await change(body.id, { ...inactive, active: true, basedOn: 1 })).toMatchObject(full);
	expect(await change(body.id, { ...inactive, name: "Mary Other", basedOn: 1 })).toMatchObject({ status: 200 });
});
