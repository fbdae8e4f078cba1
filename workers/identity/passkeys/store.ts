import { sql } from "../../../shared/sql.ts";

export const deletePasskey = sql("delete from passkeys where id = :passkeyId and user_id = :customerId");
