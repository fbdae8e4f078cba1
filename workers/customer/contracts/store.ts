import { sql } from "../../../shared/sql.ts";

export const selectOffered = sql(
	"select contract_id, version, terms from contract_versions where offered = 1 order by contract_id",
);
