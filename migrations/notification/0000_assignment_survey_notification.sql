CREATE TABLE `notifications` (
	`id` text PRIMARY KEY NOT NULL,
	`customer_id` text NOT NULL,
	`channel` text NOT NULL,
	`recipient` text,
	`language` text NOT NULL,
	`template` text NOT NULL,
	`content` text,
	`status` text NOT NULL,
	`requested_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`next_attempt_at` integer,
	`ended_at` integer,
	`failure` text
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `notifications_due` ON `notifications` (`channel`,`next_attempt_at`) WHERE next_attempt_at is not null;--> statement-breakpoint
CREATE INDEX `notifications_by_status` ON `notifications` (`status`,`requested_at`,`id`);--> statement-breakpoint
CREATE INDEX `notifications_ended` ON `notifications` (`ended_at`) WHERE ended_at is not null;--> statement-breakpoint
CREATE INDEX `notifications_kept` ON `notifications` (`ended_at`) WHERE ended_at is not null and content is not null;--> statement-breakpoint
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
