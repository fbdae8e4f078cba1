import { sql } from "../../../shared/sql.ts";

/** Of each shard, for health: nothing is counted to its end. Rejected ones are the staff's to look at. */
export const deliveryHealth = sql(`
	with undelivered as materialized (
		select created_at, rejected_reason from deliveries where delivered_at is null order by created_at limit :most)
	select
		(select count(*) from undelivered where rejected_reason is null) as undelivered,
		(select (:now - min(created_at)) / 1000 from undelivered where rejected_reason is null) as undeliveredSeconds,
		(select count(*) from undelivered where rejected_reason is not null) as rejectedDeliveries`);
