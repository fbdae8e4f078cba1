CREATE TABLE `cards` (
	`id` text PRIMARY KEY NOT NULL,
	`customer_id` text NOT NULL,
	`state` text NOT NULL,
	`reason` text,
	`nonce` text NOT NULL,
	`kid` text NOT NULL,
	`expires_at` integer NOT NULL,
	`replaces` text,
	`created_at` integer NOT NULL,
	`submitted_at` integer,
	`changed_at` integer NOT NULL,
	`brand` text,
	`last4` text,
	`exp_month` integer,
	`exp_year` integer,
	`request_digest` text,
	`verdict_run` text,
	`prunable_at` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `cards_of_customer` ON `cards` (`customer_id`,`state`,`expires_at`);--> statement-breakpoint
CREATE INDEX `cards_prunable` ON `cards` (`prunable_at`);