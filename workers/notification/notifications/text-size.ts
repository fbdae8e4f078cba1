/** What a text message can say in seven bits a character, and what takes two of them (3GPP TS 23.038, GSM 03.38). */
const basic = /^[\w @£$¥èéùìòÇØøÅåÆæßÉ!"#¤%&'()*+,./:;<=>?¡ÄÖÑÜ§¿äöñüàΔΦΓΛΩΠΨΣΘΞ^{}\\[~\]|€-]*$/;
const double = /[\^{}\\[~\]|€]/g;

/** One message; or what is left of three, joined, when a name is of no such alphabet: then each has room for 67 UTF-16 units. */
const room = { gsm: 160, other: 3 * 67 };

/** Whether it is one text message, or three when something in it is not of the GSM alphabet. */
export const fits = (text: string): boolean =>
	basic.test(text) ? text.length + (text.match(double)?.length ?? 0) <= room.gsm : text.length <= room.other;
