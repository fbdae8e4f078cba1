/** Whose card it is: bound to everything that is sealed, so that a row moved to another customer does not open. */
export interface CardOwner {
	readonly cardId: string;
	readonly customerId: string;
}

/** What the vault keeps of a card. */
export interface CardSecret {
	readonly pan: string;
	readonly expMonth: number;
	readonly expYear: number;
	readonly name: string | null;
}

/** As the table `vault` has it: base64url. */
export interface SealedCard {
	readonly kekId: string;
	readonly wrappedKey: string;
	readonly sealedCard: string;
}

/** Seals cards under data keys, and those under the key-encryption key (KEK). Rejects without keys, and what is not intact. */
export interface Vault {
	/** Of the KEK that seals from now on. Throws without keys. */
	readonly kekId: string;
	seal(secret: CardSecret, owner: CardOwner): Promise<SealedCard>;
	open(sealed: SealedCard, owner: CardOwner): Promise<CardSecret>;
	/** The same card, its data key wrapped under today's KEK. */
	rewrap(sealed: SealedCard, owner: CardOwner): Promise<SealedCard>;
	/** HMAC-SHA-256, base64url: the same for the same number of the same customer, and for nothing else. */
	fingerprint(pan: string, customerId: string): Promise<string>;
}

export interface WithVault {
	readonly vault: Vault;
}
