CREATE TABLE `surveys` (
	`id` text PRIMARY KEY NOT NULL,
	`customer_id` text NOT NULL,
	`ticket_id` text NOT NULL,
	`expert_id` text,
	`expert_name` text,
	`category` text NOT NULL,
	`region` text NOT NULL,
	`resolved_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`answered_at` integer,
	`answer_key` text
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `surveys_expiring` ON `surveys` (`expires_at`);--> statement-breakpoint
ALTER TABLE `comments` ADD `author` text;--> statement-breakpoint
ALTER TABLE `tickets` ADD `version` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `tickets` ADD `region` text;--> statement-breakpoint
ALTER TABLE `tickets` ADD `availability` text;--> statement-breakpoint
ALTER TABLE `tickets` ADD `steps` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `tickets` ADD `resolutions` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `tickets` ADD `expert_name` text;--> statement-breakpoint
ALTER TABLE `tickets` ADD `visit_from` integer;--> statement-breakpoint
ALTER TABLE `tickets` ADD `visit_to` integer;--> statement-breakpoint
ALTER TABLE `tickets` ADD `note` text;--> statement-breakpoint
ALTER TABLE `tickets` ADD `changed_at` integer;--> statement-breakpoint
ALTER TABLE `tickets` ADD `reopen_requested_at` integer;