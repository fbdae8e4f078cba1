import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** The replica of the contract catalogue, the same in every shard of customer and billing. */

/** Every version that the feed ever gave. A signed plan and its charges refer to it for ever. */
export const contractVersions = sqliteTable(
	"contract_versions",
	{
		contractId: text("contract_id").notNull(),
		version: integer("version").notNull(),
		seq: integer("seq").notNull(),
		/** Of the pass through the feed that last brought it: what an old pass brought and no new one is not offered. */
		generation: integer("generation").notNull(),
		/** Of its content, for the checksum. */
		digest: integer("digest").notNull(),
		withdrawn: integer("withdrawn", { mode: "boolean" }).notNull(),
		/** 1 for the newest version of a contract that is not withdrawn: what may be signed. */
		offered: integer("offered", { mode: "boolean" }).notNull(),
		/** `ContractTerms` as JSON. */
		terms: text("terms").notNull(),
	},
	(t) => [primaryKey({ columns: [t.contractId, t.version] }), index("contract_versions_offered").on(t.offered, t.contractId)],
);

/** How far the replica has come: one row, `contracts`. */
export const replicas = sqliteTable("replicas", {
	name: text("name").primaryKey(),
	/** The last sequence number that was applied in this generation. */
	seq: integer("seq").notNull(),
	generation: integer("generation").notNull(),
	/** The last generation that has come to the end of the feed with the right checksum. */
	completeGeneration: integer("complete_generation").notNull(),
	/** When the feed last answered that nothing is missing here; null before the first time. */
	completeAt: integer("complete_at"),
});
