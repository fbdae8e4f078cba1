CREATE TABLE `invoices` (
	`id` text PRIMARY KEY NOT NULL,
	`customer_id` text NOT NULL,
	`kind` text NOT NULL,
	`number` text NOT NULL,
	`issued_at` integer NOT NULL,
	`currency` text NOT NULL,
	`total_minor` integer NOT NULL,
	`corrects` text,
	`document` text NOT NULL,
	`run` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `invoices_newest` ON `invoices` (`customer_id`,`issued_at`,`id`);--> statement-breakpoint
CREATE INDEX `invoices_corrections` ON `invoices` (`corrects`,`issued_at`,`id`) WHERE corrects is not null;--> statement-breakpoint
CREATE TABLE `payments` (
	`customer_id` text NOT NULL,
	`from_at` integer NOT NULL,
	`to_at` integer NOT NULL,
	`version` integer NOT NULL,
	`state` text NOT NULL,
	`reason` text,
	`next_attempt_at` integer,
	`amount_minor` integer NOT NULL,
	`currency` text NOT NULL,
	`changed_at` integer NOT NULL,
	PRIMARY KEY(`customer_id`, `from_at`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `payments_failed` ON `payments` (`customer_id`,`state`);