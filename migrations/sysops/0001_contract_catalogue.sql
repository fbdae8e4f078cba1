CREATE TABLE `contract_versions` (
	`seq` integer PRIMARY KEY NOT NULL,
	`contract_id` text NOT NULL,
	`version` integer NOT NULL,
	`withdrawn` integer NOT NULL,
	`terms` text NOT NULL,
	`digest` integer NOT NULL,
	`created_at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `contract_versions_version` ON `contract_versions` (`contract_id`,`version`);--> statement-breakpoint
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
CREATE INDEX `audit_of_subject` ON `audit` (`subject`,`at`);