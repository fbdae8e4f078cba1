CREATE TABLE `closings` (
	`ticket_id` text NOT NULL,
	`closing` integer NOT NULL,
	`run` text NOT NULL,
	`outcome` text NOT NULL,
	`category` text NOT NULL,
	`region` text NOT NULL,
	`expert_id` text,
	`opened_at` integer NOT NULL,
	`assigned_at` integer,
	`closed_at` integer NOT NULL,
	`rework_of` text,
	`rejected_by` text NOT NULL,
	PRIMARY KEY(`ticket_id`, `closing`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `closings_closed` ON `closings` (`closed_at`);--> statement-breakpoint
CREATE TABLE `handling` (
	`dimension` text NOT NULL,
	`value` text NOT NULL,
	`month` text NOT NULL,
	`resolved` integer NOT NULL,
	`cancelled` integer NOT NULL,
	`assigned` integer NOT NULL,
	`assign_ms` integer NOT NULL,
	`resolve_ms` integer NOT NULL,
	`kept` integer NOT NULL,
	`reopened` integer NOT NULL,
	`rejected` integer NOT NULL,
	PRIMARY KEY(`dimension`, `value`, `month`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `satisfaction` (
	`dimension` text NOT NULL,
	`value` text NOT NULL,
	`month` text NOT NULL,
	`answered` integer NOT NULL,
	`rated_1` integer NOT NULL,
	`rated_2` integer NOT NULL,
	`rated_3` integer NOT NULL,
	`rated_4` integer NOT NULL,
	`rated_5` integer NOT NULL,
	`satisfaction` integer NOT NULL,
	`expertise` integer NOT NULL,
	`punctuality` integer NOT NULL,
	`friendliness` integer NOT NULL,
	`solved` integer NOT NULL,
	PRIMARY KEY(`dimension`, `value`, `month`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `surveys` (
	`id` text PRIMARY KEY NOT NULL,
	`run` text NOT NULL,
	`submitted_at` integer NOT NULL,
	`expert_id` text,
	`category` text NOT NULL,
	`region` text NOT NULL,
	`satisfaction` integer NOT NULL,
	`expertise` integer NOT NULL,
	`punctuality` integer NOT NULL,
	`friendliness` integer NOT NULL,
	`solved` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `surveys_submitted` ON `surveys` (`submitted_at`);--> statement-breakpoint
CREATE TABLE `cron_runs` (
	`cron` text PRIMARY KEY NOT NULL,
	`ran_at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `dead_letters` (
	`message_id` text PRIMARY KEY NOT NULL,
	`queue` text NOT NULL,
	`received_at` integer NOT NULL,
	`bytes` integer NOT NULL,
	`claimed_id` text,
	`claimed_source` text,
	`claimed_type` text
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `dead_letters_received` ON `dead_letters` (`received_at`);--> statement-breakpoint
CREATE TABLE `destinations` (
	`destination` text PRIMARY KEY NOT NULL,
	`last_receipt_at` integer NOT NULL,
	`woken_at` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `erased_customers` (
	`customer_id` text PRIMARY KEY NOT NULL,
	`erased_at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `inbox` (
	`source` text NOT NULL,
	`id` text NOT NULL,
	`run` text,
	`verdict` text NOT NULL,
	`reason` text,
	`received_at` integer NOT NULL,
	PRIMARY KEY(`source`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `inbox_received` ON `inbox` (`received_at`);--> statement-breakpoint
CREATE TABLE `outbox` (
	`event_id` text NOT NULL,
	`destination` text NOT NULL,
	`type` text NOT NULL,
	`event` text NOT NULL,
	`attempts` integer NOT NULL,
	`first_delay` integer NOT NULL,
	`next_attempt_at` integer,
	`sent_at` integer,
	`created_at` integer NOT NULL,
	`parked_reason` text,
	PRIMARY KEY(`event_id`, `destination`),
	CONSTRAINT "outbox_event_size" CHECK(length(cast(event as blob)) <= 46080)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `outbox_due` ON `outbox` (`destination`,`next_attempt_at`);--> statement-breakpoint
CREATE TABLE `quarantine` (
	`message_id` text PRIMARY KEY NOT NULL,
	`queue` text NOT NULL,
	`received_at` integer NOT NULL,
	`bytes` integer NOT NULL,
	`claimed_id` text,
	`claimed_source` text,
	`claimed_type` text,
	`reason` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `quarantine_received` ON `quarantine` (`received_at`);--> statement-breakpoint
CREATE TABLE `audit` (
	`id` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`action` text NOT NULL,
	`subject` text NOT NULL,
	`before` text,
	`after` text
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `audit_of_subject` ON `audit` (`subject`,`at`);--> statement-breakpoint
CREATE TABLE `staff` (
	`email` text PRIMARY KEY NOT NULL,
	`role` text NOT NULL
) WITHOUT ROWID;
