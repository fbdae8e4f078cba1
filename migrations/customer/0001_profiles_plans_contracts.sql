CREATE TABLE `contract_versions` (
	`contract_id` text NOT NULL,
	`version` integer NOT NULL,
	`seq` integer NOT NULL,
	`generation` integer NOT NULL,
	`digest` integer NOT NULL,
	`withdrawn` integer NOT NULL,
	`offered` integer NOT NULL,
	`terms` text NOT NULL,
	PRIMARY KEY(`contract_id`, `version`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `contract_versions_offered` ON `contract_versions` (`offered`,`contract_id`);--> statement-breakpoint
CREATE TABLE `replicas` (
	`name` text PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL,
	`generation` integer NOT NULL,
	`complete_generation` integer NOT NULL,
	`complete_at` integer
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `plans` ADD `version` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `plans` ADD `phases` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `profiles` ADD `email` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `profiles` ADD `email_changed_at` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `profiles` ADD `language` text DEFAULT 'en' NOT NULL;--> statement-breakpoint
ALTER TABLE `profiles` ADD `notify_by_email` integer DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE `profiles` ADD `notify_by_sms` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `profiles` ADD `version` integer DEFAULT 0 NOT NULL;