CREATE TABLE `payments` (
	`payment_id` text PRIMARY KEY NOT NULL,
	`run` text NOT NULL,
	`outcome` text NOT NULL,
	`amount_minor` integer NOT NULL,
	`currency` text NOT NULL,
	`period_from` integer NOT NULL,
	`recorded_at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `payments_recorded` ON `payments` (`recorded_at`);--> statement-breakpoint
CREATE TABLE `takings` (
	`month` text NOT NULL,
	`currency` text NOT NULL,
	`outcome` text NOT NULL,
	`payments` integer NOT NULL,
	`amount_minor` integer NOT NULL,
	PRIMARY KEY(`month`, `currency`, `outcome`)
) WITHOUT ROWID;
