/** What has been found in a submitted JWE; nothing of it is believed yet. */
export type OpenedCard =
	| {
			/** The protected header, authenticated by the decryption. */
			readonly header: Readonly<Record<string, unknown>>;
			/** The payload as JSON; undefined for what is none. */
			readonly payload: unknown;
			/** From when its key takes no new card any more, in milliseconds since 1970; null for a key in use. */
			readonly retiredAt: number | null;
	  }
	/** Not a JWE of ours, or not intact; `key_retired`: for a key that is not here, any more. */
	| { readonly failure: "schema" | "key_retired" };

/** Billing's card keys: only they open what a browser has sealed. */
export interface CardKeys {
	/** Never throws for what a token says: that is a `failure`. */
	open(jwe: string): Promise<OpenedCard>;
}
