import { sql } from "../../../shared/sql.ts";
import { days, hours } from "../../../shared/time.ts";

const perHour = 5;
const perDay = 10;
const sentSince = (age: number) => `(select count(*) from code_sends where email = :email and sent_at > :now - ${age})`;

/** One statement counts and takes: of requests at the same time no more get through than the budget has left. */
export const takeSend = sql(`
	insert into code_sends (email, sent_at, id)
	select :email, :now, :id where ${sentSince(hours)} < ${perHour} and ${sentSince(days)} < ${perDay}
	returning 1 as taken`);

/** Directly after `takeSend`: a code that is replaced is gone. */
export const deleteReplacedCode = sql("delete from verifications where changes() = 1 and identifier = :identifier");
