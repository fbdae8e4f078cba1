const encode = (text        ) => new TextEncoder().encode(text);
const base64Url = (bytes            ) =>
btoa(String.fromCharCode(...bytes))
.replaceAll("+", "-")
.replaceAll("/", "_")
.replaceAll("=", "");
export async function concatKdf(
secret            ,
algorithm        ,
bits        ,
apu             = new Uint8Array(),
apv             = new Uint8Array(),
)                                   {
const number = (value        ) => [value >>> 24, value >>> 16, value >>> 8, value];
const withLength = (bytes            ) => [...number(bytes.length), ...bytes];
const info = [...withLength(encode(algorithm)), ...withLength(apu), ...withLength(apv), ...number(bits)];
const digest = await crypto.subtle.digest("SHA-256", new Uint8Array([...number(1), ...secret, ...info]));
return new Uint8Array(digest, 0, bits / 8);
}
const paddedTo = 256;
function padded(payload        )                          {
const bytes = encode(JSON.stringify(payload));
const all = new Uint8Array(Math.ceil(bytes.length / paddedTo) * paddedTo).fill(0x20);
all.set(bytes);
return all;
}
export async function sealCard(card            , intent            , now = Date.now())                  {
const { cardId: cid, customerId: sub, nonce, expiresAt, key } = intent;
const curve = { name: "ECDH", namedCurve: "P-256" };
const { kid, kty, crv, x, y } = key;
const theirs = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, curve, false, []);
const ours = (await crypto.subtle.generateKey(curve, false, ["deriveBits"]))                 ;
const point = new Uint8Array((await crypto.subtle.exportKey("raw", ours.publicKey))               );
const epk = { kty, crv, x: base64Url(point.subarray(1, 33)), y: base64Url(point.subarray(33)) };
const enc = "A256GCM";
const header = base64Url(encode(JSON.stringify({ alg: "ECDH-ES", enc, kid, typ: "card+jwe", sub, cid, epk })));
const agreement = { name: "ECDH", public: theirs };
const secret = new Uint8Array(await crypto.subtle.deriveBits(agreement, ours.privateKey, 256));
const contentKey = await crypto.subtle.importKey("raw", await concatKdf(secret, enc, 256), "AES-GCM", false, ["encrypt"]);
const iv = crypto.getRandomValues(new Uint8Array(12));
const [iat, exp] = [now, Date.parse(expiresAt)].map((at) => Math.floor(at / 1000));
const payload = padded({ v: 1, aud: "billing.card.v1", sub, cid, nonce, iat, exp, ...card });
const aead = { name: "AES-GCM", iv, additionalData: encode(header) };
const sealed = new Uint8Array(await crypto.subtle.encrypt(aead, contentKey, payload));
const [ciphertext, tag] = [sealed.subarray(0, -16), sealed.subarray(-16)];
return `${header}..${base64Url(iv)}.${base64Url(ciphertext)}.${base64Url(tag)}`;
}
function hasCheckDigit(digits        )          {
const sum = [...digits].reverse().reduce((total, digit, i) => {
const value = Number(digit) * (1 + (i % 2));
return total + (value > 9 ? value - 9 : value);
}, 0);
return sum % 10 === 0;
}
export function readNumber(typed        , brands        )                                                     {
const pan = typed.replace(/[\s-]/g, "");
if (!/^\d+$/.test(pan)) return { wrong: "Enter the card number, in digits" };
const isWithin = ([from, to]                           ) => {
const first = pan.slice(0, from.length);
return first >= from && first <= to;
};
const [brand, rules] = Object.entries(brands).find(([, { ranges }]) => ranges.some(isWithin)) ?? [];
if (pan.length < 12) return { wrong: "Enter the whole card number" };
if (!brand || !rules) return { wrong: "Enter the number of another card: we do not take cards of this kind" };
const isRight = rules.lengths.includes(pan.length) && hasCheckDigit(pan);
return isRight ? { pan, brand } : { wrong: "Check the card number: at least one digit is wrong or missing" };
}
export function readExpiry(typed        , now        )                                                            {
const [, month, year] = /^(\d{1,2})[\s/.-]*(\d{2}|20\d{2})$/.exec(typed.trim()) ?? [];
const [expMonth, expYear] = [Number(month), year?.length === 2 ? 2000 + Number(year) : Number(year)];
if (!(expMonth >= 1 && expMonth <= 12 && expYear))
return { wrong: "Enter the expiry date as it stands on the card, such as 08/29" };
if (now >= Date.UTC(expYear, expMonth, 1)) return { wrong: "This card has expired. Use another one" };
return { expMonth, expYear };
}
const signIn = "Sign in again";
const cards = ["See your cards", "/cards"]         ;
const signedOut = { message: "You are signed out. Sign in again, and you come back here. Your card was not sent.", link: signIn };
const words                                    = {
unauthenticated: signedOut,
session_expired: signedOut,
session_revoked: signedOut,
session_not_fresh: {
message: "For your safety this needs a sign-in of the last 15 minutes. Your card was not sent.",
link: signIn,
},
change_held: {
message: "Your account was recovered a short while ago, so no card can be added yet. Your card was not sent.",
link: ["Your account says until when", "/account"],
},
too_many_cards: { message: "You have as many cards as we keep. Remove one first. Your card was not sent.", link: cards },
card_not_verified: { message: "The card that this one was to replace is not there any more. Look at your cards.", link: cards },
intent_closed: { message: "That took too long, so your card was not taken. Add it again." },
rate_limited: { message: "That was a little fast. Wait a minute, then add it again." },
unavailable: { message: "This is not available right now. Wait a moment, then add it again." },
};
const notReached = { message: "We could not be reached, and nothing was sent. Check your connection, then try again." };
const notAnswered = { message: "We did not hear whether your card has arrived. Try again: it is added once only." };
const otherwise          = {
message: "That did not work, and your card was not taken. Load this page again, then try once more.",
};
class NoAnswer extends Error {}
class Refused extends Error {}
async function post(path        , body        )                                           {
const init = { method: "POST", headers: { "content-type": "application/json" }, body };
const response = await fetch(path, init).catch(() => {
throw new NoAnswer();
});
const answer          = await response.json().catch(() => ({}));
if (!response.ok) throw new Refused((answer                     ).code);
return { answer, at: Date.parse(response.headers.get("date") ?? "") || Date.now() };
}
function element(name        , attributes                                  , ...children                   )              {
const made = document.createElement(name);
for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
made.append(...children);
return made;
}
function mark(input                  , message         )       {
const hint = document.getElementById(`${input.id}-hint`);
const id = `${input.id}-error`;
document.getElementById(id)?.remove();
input.parentElement?.classList.toggle("invalid", message !== undefined);
input.setAttribute("aria-describedby", [hint?.id, message && id].filter(Boolean).join(" "));
input.removeAttribute("aria-invalid");
if (message === undefined) return;
input.setAttribute("aria-invalid", "true");
const prefix = element("span", { class: "visually-hidden" }, "Error: ");
hint?.after(element("span", { class: "wrong", id }, prefix, message));
}
function summarize(form                 , title        , ...content                   )       {
const attributes = { class: "message error stack close", role: "alert", tabindex: "-1", "data-summary": "" };
const summary = element("div", attributes, element("h2", {}, title), ...content);
form.prepend(summary);
summary.focus();
}
const isOpen = (error         ) =>
error instanceof NoAnswer || (error instanceof Refused && ["unavailable", "internal", "rate_limited"].includes(error.message));
function enter(form                 )       {
const number = form.querySelector                  ("#number");
const expiry = form.querySelector                  ("#expiry");
const status = form.querySelector             ("[data-card-status]");
if (!number || !expiry || !status) return;
const { replaces, signIn: signInPath = "/sign-in" } = form.dataset;
const brands         = JSON.parse(form.dataset["brands"] ?? "{}");
let pending                                             ;
let busy = false;
async function seal(card            , brand        )                  {
const { answer, at } = await post("/api/v1/cards/intents", JSON.stringify({ ...(replaces && { replaces }) }));
const intent = answer              ;
const { pan, expMonth, expYear } = card;
const jwe = await sealCard(card, intent, at);
return JSON.stringify({ cardId: intent.cardId, jwe, brand, last4: pan.slice(-4), expMonth, expYear });
}
async function send(card            , brand        )                {
const typed = JSON.stringify(card);
try {
if (pending?.typed !== typed) pending = undefined;
pending ??= { typed, body: await seal(card, brand) };
await post("/api/v1/cards", pending.body);
} catch (error) {
if (!isOpen(error)) pending = undefined;
throw error;
}
}
function explain(error         )       {
const noAnswer          = pending ? notAnswered : notReached;
const known = error instanceof Refused && Object.hasOwn(words, error.message) ? words[error.message] : undefined;
const { message, link } = known ?? (error instanceof NoAnswer ? noAnswer : otherwise);
const [label, path] = typeof link === "string" ? [link, signInPath] : (link ?? []);
const way = label && path ? [element("p", {}, element("a", { class: "link", href: path }, label))] : [];
summarize(form, "This did not work", element("p", {}, message), ...way);
}
function check(number                  , expiry                  ) {
const [read, good] = [readNumber(number.value, brands), readExpiry(expiry.value, Date.now())];
const wrong = [[number, read]         , [expiry, good]         ].flatMap(([input, result]) => {
mark(input, "wrong" in result ? result.wrong : undefined);
return "wrong" in result ? [element("li", {}, element("a", { href: `#${input.id}` }, result.wrong))] : [];
});
if (!("wrong" in read) && !("wrong" in good)) return { brand: read.brand, card: { pan: read.pan, ...good } };
summarize(form, "Please check what you entered", element("ul", {}, ...wrong));
return undefined;
}
form.addEventListener("submit", async (event) => {
event.preventDefault();
if (busy) return;
form.querySelector("[data-summary]")?.remove();
const checked = check(number, expiry);
if (!checked) return;
busy = true;
status.textContent = "Your card is being encrypted and sent.";
try {
await send(checked.card, checked.brand);
pending = undefined;
form.reset();
location.assign("/cards?done=card-submitted");
} catch (error) {
explain(error);
busy = false;
}
status.textContent = "";
});
addEventListener("pageshow", () => {
busy = false;
});
form.hidden = false;
for (const hint of document.querySelectorAll             ("[data-card-without]")) hint.hidden = true;
}
const form = document.querySelector                 ("form[data-card]");
if (form) enter(form);
