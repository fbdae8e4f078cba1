CREATE TABLE `comments` (
	`id` text PRIMARY KEY NOT NULL,
	`ticket_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`text` text NOT NULL,
	`request_digest` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `comments_of_ticket` ON `comments` (`ticket_id`,`created_at`,`id`);--> statement-breakpoint
CREATE TABLE `plans` (
	`customer_id` text PRIMARY KEY NOT NULL,
	`starts_at` integer NOT NULL,
	`ends_at` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `profiles` (
	`customer_id` text PRIMARY KEY NOT NULL,
	`name` text,
	`street` text,
	`postal_code` text,
	`city` text,
	`country` text,
	`region` text,
	`phone` text,
	CONSTRAINT "profiles_name_size" CHECK(length(cast(name as blob)) <= 500),
	CONSTRAINT "profiles_street_size" CHECK(length(cast(street as blob)) <= 800),
	CONSTRAINT "profiles_postal_code_size" CHECK(length(cast(postal_code as blob)) <= 80),
	CONSTRAINT "profiles_city_size" CHECK(length(cast(city as blob)) <= 500),
	CONSTRAINT "profiles_country_size" CHECK(length(cast(country as blob)) <= 2),
	CONSTRAINT "profiles_region_size" CHECK(length(cast(region as blob)) <= 160),
	CONSTRAINT "profiles_phone_size" CHECK(length(cast(phone as blob)) <= 160)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `revoked_sessions` (
	`session_id` text PRIMARY KEY NOT NULL,
	`revoked_at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `revoked_sessions_revoked` ON `revoked_sessions` (`revoked_at`);--> statement-breakpoint
CREATE TABLE `tickets` (
	`id` text PRIMARY KEY NOT NULL,
	`customer_id` text NOT NULL,
	`status` text NOT NULL,
	`created_at` integer NOT NULL,
	`device` text NOT NULL,
	`category` text NOT NULL,
	`priority` text NOT NULL,
	`text` text NOT NULL,
	`cancellation_requested_at` integer,
	`request_digest` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `tickets_newest` ON `tickets` (`customer_id`,`created_at`,`id`);--> statement-breakpoint
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
CREATE INDEX `quarantine_received` ON `quarantine` (`received_at`);