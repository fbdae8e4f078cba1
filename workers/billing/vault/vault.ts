/** Whose card it is: bound to everything that is sealed, so that a row moved to another customer does not open. */
export interface CardOwner {
	readonly cardId: string;
	readonly customerId: string;
}

/** What the vault keeps of a card: what the payment provider knows it by. */
export interface CardSecret {
	readonly token: string;
	readonly expMonth: number;
	readonly expYear: number;
}

/** What it kept while there was no payment provider. No number is sealed any more; `tokenOf` replaces those that are. */
export interface NumberSecret {
	readonly pan: string;
	readonly expMonth: number;
	readonly expYear: number;
	readonly name: string | null;
}

/** A card's data key under a key-encryption key; base64url, as the table `vault` has it. */
export interface WrappedKey {
	readonly kekId: string;
	readonly wrappedKey: string;
}

/** As the table `vault` has it: base64url. */
export interface SealedCard extends WrappedKey {
	readonly sealedCard: string;
}

/**
 * Seals cards under data keys, and those under the key-encryption key (KEK). Rejects without keys, and what is not intact;
 * no error says anything of a key or of a card.
 */
export interface Vault {
	/** Of the KEK that seals from now on. Throws without keys. */
	readonly kekId: string;
	/** Whether a KEK is here. Throws without keys. */
	has(kekId: string): boolean;
	seal(secret: CardSecret, owner: CardOwner): Promise<SealedCard>;
	open(sealed: SealedCard, owner: CardOwner): Promise<CardSecret | NumberSecret>;
	/** The same data key under today's KEK. The card itself stays closed. */
	rewrap(wrapped: WrappedKey, owner: CardOwner): Promise<WrappedKey>;
	/** HMAC-SHA-256, base64url: the same for the same number of the same customer, and for nothing else. */
	fingerprint(pan: string, customerId: string): Promise<string>;
}

export interface WithVault {
	readonly vault: Vault;
}
