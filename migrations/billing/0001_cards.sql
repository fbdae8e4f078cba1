CREATE TABLE `cards` (
	`card_id` text PRIMARY KEY NOT NULL,
	`customer_id` text NOT NULL,
	`state` text NOT NULL,
	`reason` text,
	`nonce` text,
	`accepted_at` integer,
	`changed_at` integer NOT NULL,
	`brand` text,
	`last4` text,
	`exp_month` integer,
	`exp_year` integer,
	`replaced_by` text,
	`verdict_run` text,
	`removal_run` text,
	`prunable_at` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `cards_of_customer` ON `cards` (`customer_id`,`accepted_at`);--> statement-breakpoint
CREATE UNIQUE INDEX `cards_nonce` ON `cards` (`nonce`) WHERE nonce is not null;--> statement-breakpoint
CREATE INDEX `cards_prunable` ON `cards` (`prunable_at`);--> statement-breakpoint
CREATE TABLE `fingerprints` (
	`card_id` text PRIMARY KEY NOT NULL,
	`customer_id` text NOT NULL,
	`fingerprint` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `fingerprints_of_customer` ON `fingerprints` (`customer_id`,`fingerprint`);--> statement-breakpoint
CREATE TABLE `vault` (
	`card_id` text PRIMARY KEY NOT NULL,
	`customer_id` text NOT NULL,
	`kek_id` text NOT NULL,
	`wrapped_key` text NOT NULL,
	`sealed_card` text NOT NULL,
	`sealed_at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `vault_kek` ON `vault` (`kek_id`,`card_id`);--> statement-breakpoint
CREATE INDEX `vault_sealed` ON `vault` (`sealed_at`);