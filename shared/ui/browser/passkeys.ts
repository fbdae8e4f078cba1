/**
 * Sign-in with a passkey, and making one. Buttons with `data-passkey` stay hidden until this has run, so that without
 * script, or in a browser without passkeys, nobody is offered what does not work.
 */

const api = "/api/auth/passkey/";

/** What to say, by what the browser or the server answered. */
const words: Readonly<Record<string, string>> = {
	NotAllowedError: "That was cancelled, or it took too long. You can try again.",
	InvalidStateError: "This device has a passkey for your account already.",
	wrong_passkey: "We do not know this passkey. Sign in with your e-mail address instead.",
	session_not_fresh: "For this you have to have signed in just now. Sign out, sign in again, then come back here.",
	change_held: "Your account was recovered a short while ago, so no passkey can be added yet. This page says until when.",
	unauthenticated: "You are signed out. Sign in again.",
	session_expired: "You are signed out. Sign in again.",
	session_revoked: "You are signed out. Sign in again.",
	rate_limited: "That was too often. Wait a minute, then try again.",
};
const otherwise = "That did not work. Try again in a moment, or use a code by e-mail.";

/** An error that the server has a word for. */
class Refused extends Error {
	override readonly name: string;
	constructor(code: string) {
		super(code);
		this.name = code;
	}
}

async function call(path: string, body?: object): Promise<unknown> {
	const post = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
	const response = await fetch(api + path, body ? post : {});
	const answer: { code?: string } = await response.json().catch(() => ({}));
	if (!response.ok) throw new Refused(answer.code ?? "");
	return answer;
}

const ceremonies: Readonly<Record<string, (button: HTMLButtonElement) => Promise<void>>> = {
	async "sign-in"() {
		const options = (await call("generate-authenticate-options")) as PublicKeyCredentialRequestOptionsJSON;
		const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
		const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
		await call("verify-authentication", { response: credential.toJSON() });
	},
	async add() {
		const options = (await call("generate-register-options")) as PublicKeyCredentialCreationOptionsJSON;
		const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
		const credential = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
		const name = document.querySelector<HTMLInputElement>("#passkey-name")?.value.trim();
		await call("verify-registration", { ...(name && { name }), response: credential.toJSON() });
	},
};

function offer(button: HTMLButtonElement, place: HTMLElement): void {
	const ceremony = ceremonies[button.dataset["passkey"] ?? ""];
	if (!ceremony) return;
	button.addEventListener("click", async () => {
		button.disabled = true;
		place.textContent = "Follow the steps that your device shows.";
		try {
			await ceremony(button);
			location.assign(button.dataset["next"] ?? "/");
		} catch (error) {
			place.textContent = (error instanceof Error && words[error.name]) || otherwise;
			button.disabled = false;
		}
	});
}

if (typeof PublicKeyCredential === "function" && "parseRequestOptionsFromJSON" in PublicKeyCredential) {
	const place = document.querySelector<HTMLElement>("[data-passkey-status]");
	for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-passkey]")) if (place) offer(button, place);
	for (const hidden of document.querySelectorAll<HTMLElement>("[data-passkey-only]")) hidden.hidden = false;
}
