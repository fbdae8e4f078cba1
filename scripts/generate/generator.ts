/** One kind of generated file. */
export interface Generator {
	/** What is out of date, a line each; changes nothing. */
	check(): Promise<string[]>;
	/** Brings it up to date. Throws with the tool's output when that fails. */
	write(options: { migrationName?: string | undefined }): Promise<void>;
}
