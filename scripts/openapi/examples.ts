import * as v from "valibot";
import { ContractTerms } from "../../shared/contracts/feed.ts";
import { demoContracts } from "../dev/demo-contracts.ts";

/** What requests and answers look like. */

const zeros = "0".repeat(25);
const now = "2026-11-22T18:07:10.000Z";

export const sessionId = `ses_00${zeros}1`;
export const token = { token: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjdXNfMDAifQ.c2lnbmF0dXJl", expiresIn: 300 };
export const customerId = `cus_00${zeros}1`;

/** Of the local stack's catalogue, so that what refers to them can be tried. */
export const contracts = demoContracts.slice(0, 2).map(({ contract_id: contractId, version, terms }) => ({
	contractId,
	version,
	...v.parse(ContractTerms, JSON.parse(terms)),
}));
export const newPlan = { lines: contracts.map(({ contractId, version }) => ({ contractId, version })) };

const lines = contracts.map(({ contractId, version, name, price }) => ({ contractId, version, name, price }));
const amountMinor = lines.reduce((sum, { price }) => sum + price.amountMinor, 0);
export const plan = {
	status: "active",
	startsAt: now,
	endsAt: null,
	period: { from: now, to: "2026-12-22T18:07:10.000Z" },
	lines,
	total: { amountMinor, currency: "EUR" },
	next: null,
};

export const newProfile = {
	name: "Ada Example",
	street: "1 Example Street",
	postalCode: "10115",
	city: "Berlin",
	country: "DE",
	region: "north",
	phone: "+49 30 5550100",
	language: "en",
	notify: { email: true, sms: false },
};
export const profile = { customerId, email: "ada@penultimate.example", ...newProfile, missing: [] };

export const newTicket = {
	device: "Aurora 55 television",
	category: "television",
	priority: "high",
	text: "No picture, only sound.",
	availability: ["morning", "evening"],
};
export const submittedTicket = {
	id: `tkt_00${zeros}1`,
	status: "submitted",
	changedAt: null,
	createdAt: now,
	...newTicket,
	expert: null,
	visit: null,
	note: null,
	resolutions: 0,
	cancellationRequestedAt: null,
	reopenRequestedAt: null,
	reopenableUntil: null,
};
export const ticketSteps = [
	{ status: "received", at: "2026-11-22T18:07:12.000Z" },
	{ status: "assigned", at: "2026-11-22T18:08:00.000Z" },
	{ status: "accepted", at: "2026-11-22T18:31:45.000Z" },
];
export const ticket = {
	...submittedTicket,
	status: "accepted",
	changedAt: "2026-11-22T18:31:45.000Z",
	expert: { name: "Mary Example" },
	visit: { from: "2026-11-24T10:00:00.000Z", to: "2026-11-24T12:00:00.000Z" },
};
export const resolvedTicket = {
	...ticket,
	status: "resolved",
	changedAt: "2026-11-24T11:20:00.000Z",
	note: "The power supply is new.",
	resolutions: 1,
	reopenableUntil: "2026-12-08T11:20:00.000Z",
};
export const newComment = { text: "It works again when it is cold." };
export const comment = { id: `cmt_00${zeros}1`, createdAt: now, ...newComment, author: null };
export const reply = {
	id: `cmt_00${zeros}2`,
	createdAt: "2026-11-22T18:32:10.000Z",
	text: "I bring a new power supply.",
	author: "Mary Example",
};
export const newReopening = { text: "The picture is gone again." };

export const surveyAnswers = { satisfaction: 5, expertise: 4, punctuality: 5, friendliness: 5, solved: true };

/** Of no use: a public key that nobody has the private one of, and a card that was sealed for nobody. */
export const cardIntent = {
	cardId: `crd_00${zeros}1`,
	nonce: "AAECAwQFBgcICQoLDA0ODw",
	expiresAt: "2026-11-22T18:17:10.000Z",
	customerId,
	key: {
		kty: "EC",
		crv: "P-256",
		kid: "eEvkjIHrj3ngCYf_Ku4sL4tiJxluPs2skN8VyQlJQxA",
		x: "7V2BVlBYtkhhvTJsMpGjYjscMpYa6kCJHkFmUjvsADI",
		y: "Vf6vpktLm2UxksiZ1YQ04NAaMuTvZrvBn4RbFBxA9MY",
	},
};
const cardDisplay = { brand: "visa", last4: "4242", expMonth: 12, expYear: 2030 };
export const newCard = {
	cardId: cardIntent.cardId,
	jwe: `eyJhbGciOiJFQ0RILUVTIn0..${"A".repeat(16)}.${"A".repeat(342)}.${"A".repeat(22)}`,
	...cardDisplay,
};
export const submittedCard = {
	id: cardIntent.cardId,
	state: "submitted",
	reason: null,
	...cardDisplay,
	expired: false,
	replaces: null,
	createdAt: now,
	submittedAt: "2026-11-22T18:08:02.000Z",
	changedAt: "2026-11-22T18:08:02.000Z",
};
export const card = { ...submittedCard, state: "verified", changedAt: "2026-11-22T18:08:04.000Z" };

const net = plan.total.amountMinor;
const tax = Math.round((net * 1900) / 10_000);
const money = (amountMinor: number) => ({ amountMinor, currency: "EUR" });
export const invoiceSummary = {
	id: `inv_00${zeros}1`,
	kind: "invoice",
	number: "INV-00-000123",
	issuedAt: "2026-11-23T18:07:15.000Z",
	period: plan.period,
	total: money(net + tax),
};
export const invoice = {
	...invoiceSummary,
	seller: {
		name: "Penultimate Electronics",
		street: "1 Repair Way",
		postalCode: "10115",
		city: "Berlin",
		country: "DE",
		taxId: "DE000000000",
		email: "billing@penultimate.example",
	},
	buyer: {
		name: newProfile.name,
		street: newProfile.street,
		postalCode: newProfile.postalCode,
		city: newProfile.city,
		country: newProfile.country,
		email: profile.email,
	},
	lines: lines.map(({ name, price }) => ({ kind: "contract", text: name, period: plan.period, amount: price })),
	net: money(net),
	tax: { region: newProfile.region, basisPoints: 1900, amount: money(tax) },
	card: { brand: "visa", last4: "4242" },
	corrects: null,
	correctedBy: [{ id: `inv_00${zeros}2`, number: "CRN-00-000007" }],
	language: "en",
};
export const unpaidPeriod = {
	period: plan.period,
	amount: invoiceSummary.total,
	reason: "insufficient_funds",
	failedAt: "2026-11-23T18:07:15.000Z",
	nextAttemptAt: "2026-11-26T18:07:15.000Z",
	newCard: false,
};

/** The beginning of WebAuthn's options: what else is in them is the browser's to read. */
export const passkeyOptions = { challenge: "q2fLd0XbGhRkYw7rL3mT1A", rpId: "localhost", userVerification: "preferred" };
