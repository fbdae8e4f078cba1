import { asc, eq } from "drizzle-orm";
import { db, query } from "../../../shared/sql.ts";
import { contractVersions } from "../tables.ts";

export const selectOffered = query(
	db
		.select({ contractId: contractVersions.contractId, version: contractVersions.version, terms: contractVersions.terms })
		.from(contractVersions)
		.where(eq(contractVersions.offered, true))
		.orderBy(asc(contractVersions.contractId)),
);
