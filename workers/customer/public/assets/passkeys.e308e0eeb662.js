const api = "/api/auth/passkey/";
const words                                   = {
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
class Refused extends Error {
name        ;
constructor(code        ) {
super(code);
this.name = code;
}
}
async function call(path        , body         )                   {
const post = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
const response = await fetch(api + path, body ? post : {});
const answer                    = await response.json().catch(() => ({}));
if (!response.ok) throw new Refused(answer.code ?? "");
return answer;
}
const ceremonies                                                                         = {
async "sign-in"() {
const options = (await call("generate-authenticate-options"))                                         ;
const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
const credential = (await navigator.credentials.get({ publicKey }))                       ;
await call("verify-authentication", { response: credential.toJSON() });
},
async add() {
const options = (await call("generate-register-options"))                                          ;
const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
const credential = (await navigator.credentials.create({ publicKey }))                       ;
const name = document.querySelector                  ("#passkey-name")?.value.trim();
await call("verify-registration", { ...(name && { name }), response: credential.toJSON() });
},
};
function offer(button                   , place             )       {
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
const place = document.querySelector             ("[data-passkey-status]");
for (const button of document.querySelectorAll                   ("button[data-passkey]")) if (place) offer(button, place);
for (const hidden of document.querySelectorAll             ("[data-passkey-only]")) hidden.hidden = false;
}
