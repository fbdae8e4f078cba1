/**
 * What became of a call of the payment provider is not known, or it was never made. `reason` is a word for the log: `timeout`,
 * `unreachable`, `status_429`, `malformed`, `not_configured`. Nothing of a card is in it.
 */
export class ProviderFailed extends Error {
	override readonly name = "ProviderFailed";
	readonly reason: string;
	constructor(reason: string) {
		super(`the payment provider: ${reason}`);
		this.reason = reason;
	}
}
