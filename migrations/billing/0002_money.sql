CREATE TABLE `adjustments` (
	`payment_id` text NOT NULL,
	`customer_id` text NOT NULL,
	`from_at` integer NOT NULL,
	`amount_minor` integer NOT NULL,
	PRIMARY KEY(`payment_id`, `from_at`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `adjustments_of_customer` ON `adjustments` (`customer_id`);--> statement-breakpoint
CREATE TABLE `attempts` (
	`attempt_id` text PRIMARY KEY NOT NULL,
	`customer_id` text NOT NULL,
	`from_at` integer NOT NULL,
	`number` integer NOT NULL,
	`card_id` text,
	`state` text NOT NULL,
	`started_at` integer NOT NULL,
	`settled_at` integer,
	`lookups` integer DEFAULT 0 NOT NULL,
	`total_minor` integer NOT NULL,
	`currency` text NOT NULL,
	`bill` text NOT NULL,
	`charge_ref` text,
	`reason` text,
	`started_run` text NOT NULL,
	`settled_run` text
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `attempts_of_period` ON `attempts` (`customer_id`,`from_at`,`number`);--> statement-breakpoint
CREATE TABLE `deliveries` (
	`invoice_id` text PRIMARY KEY NOT NULL,
	`event_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`checked_at` integer NOT NULL,
	`delivered_at` integer,
	`rejected_reason` text
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `deliveries_event` ON `deliveries` (`event_id`);--> statement-breakpoint
CREATE INDEX `deliveries_to_check` ON `deliveries` (`checked_at`) WHERE delivered_at is null and rejected_reason is null;--> statement-breakpoint
CREATE INDEX `deliveries_undelivered` ON `deliveries` (`created_at`) WHERE delivered_at is null;--> statement-breakpoint
CREATE TABLE `invoices` (
	`invoice_id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`number` integer NOT NULL,
	`customer_id` text NOT NULL,
	`issued_at` integer NOT NULL,
	`payment_id` text NOT NULL,
	`currency` text NOT NULL,
	`total_minor` integer NOT NULL,
	`document` text NOT NULL,
	`run` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `invoices_brought_back` ON `invoices` (`customer_id`) WHERE run = 'after-a-restore';--> statement-breakpoint
CREATE UNIQUE INDEX `invoices_numbers` ON `invoices` (`kind`,`number`);--> statement-breakpoint
CREATE UNIQUE INDEX `invoices_of_payment` ON `invoices` (`payment_id`);--> statement-breakpoint
CREATE INDEX `invoices_of_customer` ON `invoices` (`customer_id`,`issued_at`);--> statement-breakpoint
CREATE TABLE `periods` (
	`customer_id` text NOT NULL,
	`from_at` integer NOT NULL,
	`starts_at` integer NOT NULL,
	`period_index` integer NOT NULL,
	`state` text NOT NULL,
	`attempt_at` integer,
	`look_at` integer,
	`declines` integer DEFAULT 0 NOT NULL,
	`round_at` integer,
	`failure` text,
	`version` integer DEFAULT 0 NOT NULL,
	`attempt_id` text,
	`run` text,
	PRIMARY KEY(`customer_id`, `from_at`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `periods_to_look_at` ON `periods` (`look_at`) WHERE look_at is not null;--> statement-breakpoint
CREATE INDEX `periods_parked` ON `periods` (`from_at`) WHERE state = 'parked';--> statement-breakpoint
CREATE TABLE `refunds` (
	`refund_id` text PRIMARY KEY NOT NULL,
	`customer_id` text NOT NULL,
	`attempt_id` text NOT NULL,
	`state` text NOT NULL,
	`requested_at` integer NOT NULL,
	`requested_by` text NOT NULL,
	`reason` text NOT NULL,
	`net_minor` integer NOT NULL,
	`tax_minor` integer NOT NULL,
	`currency` text NOT NULL,
	`look_at` integer,
	`lookups` integer DEFAULT 0 NOT NULL,
	`started_at` integer,
	`missed_at` integer,
	`refusals` integer DEFAULT 0 NOT NULL,
	`settled_at` integer,
	`refund_ref` text,
	`request_digest` text NOT NULL,
	`settled_run` text
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `refunds_of_attempt` ON `refunds` (`attempt_id`);--> statement-breakpoint
CREATE INDEX `refunds_to_look_at` ON `refunds` (`look_at`) WHERE look_at is not null;--> statement-breakpoint
CREATE INDEX `refunds_failed` ON `refunds` (`requested_at`) WHERE state = 'failed';--> statement-breakpoint
CREATE TABLE `series` (
	`kind` text PRIMARY KEY NOT NULL,
	`last` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `subscriptions` ADD `charged_version` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `subscriptions` ADD `reopened` integer DEFAULT 0 NOT NULL;