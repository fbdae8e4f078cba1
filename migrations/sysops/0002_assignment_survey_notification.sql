CREATE TABLE `experts` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`email` text NOT NULL,
	`active` integer NOT NULL,
	`skills` text NOT NULL,
	`regions` text NOT NULL,
	`hours` text NOT NULL,
	`absences` text NOT NULL,
	`capacity` integer NOT NULL,
	`version` integer NOT NULL,
	`checked_version` integer DEFAULT 0 NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `experts_email` ON `experts` (`email`);--> statement-breakpoint
CREATE INDEX `experts_active` ON `experts` (`active`,`id`);--> statement-breakpoint
CREATE INDEX `experts_unchecked` ON `experts` (`id`) WHERE checked_version < version;--> statement-breakpoint
CREATE TABLE `rejections` (
	`ticket_id` text NOT NULL,
	`expert_id` text NOT NULL,
	`rejected_at` integer NOT NULL,
	`reason` text NOT NULL,
	PRIMARY KEY(`ticket_id`, `expert_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `visits` (
	`expert_id` text NOT NULL,
	`starts_at` integer NOT NULL,
	`ends_at` integer NOT NULL,
	`ticket_id` text NOT NULL,
	PRIMARY KEY(`expert_id`, `starts_at`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `visits_ticket` ON `visits` (`ticket_id`);--> statement-breakpoint
ALTER TABLE `comments` ADD `author` text;--> statement-breakpoint
ALTER TABLE `tickets` ADD `version` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `tickets` ADD `run` text;--> statement-breakpoint
ALTER TABLE `tickets` ADD `customer_name` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `tickets` ADD `customer_phone` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `tickets` ADD `region` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `tickets` ADD `availability` text DEFAULT '["morning","afternoon","evening"]' NOT NULL;--> statement-breakpoint
ALTER TABLE `tickets` ADD `opened_by` text;--> statement-breakpoint
ALTER TABLE `tickets` ADD `opened_at` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `tickets` ADD `waiting_reason` text;--> statement-breakpoint
ALTER TABLE `tickets` ADD `steps` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `tickets` ADD `changed_at` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `tickets` ADD `expert_id` text;--> statement-breakpoint
ALTER TABLE `tickets` ADD `expert_name` text;--> statement-breakpoint
ALTER TABLE `tickets` ADD `visit_from` integer;--> statement-breakpoint
ALTER TABLE `tickets` ADD `visit_to` integer;--> statement-breakpoint
ALTER TABLE `tickets` ADD `assigned_at` integer;--> statement-breakpoint
ALTER TABLE `tickets` ADD `note` text;--> statement-breakpoint
ALTER TABLE `tickets` ADD `resolutions` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `tickets` ADD `closings` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `tickets` ADD `closed_at` integer;--> statement-breakpoint
ALTER TABLE `tickets` ADD `rework_of` text;--> statement-breakpoint
ALTER TABLE `tickets` ADD `reopen_requested_at` integer;--> statement-breakpoint
CREATE INDEX `tickets_waiting` ON `tickets` (`priority`,`opened_at`,`id`) WHERE status = 'queued';--> statement-breakpoint
CREATE INDEX `tickets_of_customer` ON `tickets` (`customer_id`,`submitted_at`,`id`);--> statement-breakpoint
CREATE INDEX `tickets_by_name` ON `tickets` (`customer_name`,`submitted_at`,`id`);--> statement-breakpoint
CREATE INDEX `tickets_by_phone` ON `tickets` (`customer_phone`,`submitted_at`,`id`);--> statement-breakpoint
CREATE INDEX `tickets_of_expert` ON `tickets` (`expert_id`,`visit_from`,`id`) WHERE status in ('assigned', 'accepted', 'in_progress');--> statement-breakpoint
CREATE INDEX `tickets_overdue` ON `tickets` (`visit_to`,`id`) WHERE status in ('accepted', 'in_progress');--> statement-breakpoint
CREATE INDEX `tickets_stuck` ON `tickets` (`opened_at`,`id`) WHERE waiting_reason is not null;--> statement-breakpoint
CREATE INDEX `tickets_stuck_for` ON `tickets` (`waiting_reason`,`opened_at`,`id`) WHERE waiting_reason is not null;--> statement-breakpoint
CREATE INDEX `tickets_unanswered` ON `tickets` (case when visit_from < changed_at + 86400000 then visit_from else changed_at + 86400000 end,`id`) WHERE status = 'assigned';--> statement-breakpoint
CREATE INDEX `tickets_closed` ON `tickets` (`closed_at`) WHERE closed_at is not null;--> statement-breakpoint
-- Tickets of before get what newer ones are stored with: else nobody finds or serves them, and nothing prunes them.
UPDATE `tickets` SET
	`region` = customer->>'$.region',
	`customer_name` = replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(lower(customer->>'$.name'), 'À', 'à'), 'Á', 'á'), 'Â', 'â'), 'Ã', 'ã'), 'Ä', 'ä'), 'Å', 'å'), 'Æ', 'æ'), 'Ç', 'ç'), 'È', 'è'), 'É', 'é'), 'Ê', 'ê'), 'Ë', 'ë'), 'Ì', 'ì'), 'Í', 'í'), 'Î', 'î'), 'Ï', 'ï'), 'Ð', 'ð'), 'Ñ', 'ñ'), 'Ò', 'ò'), 'Ó', 'ó'), 'Ô', 'ô'), 'Õ', 'õ'), 'Ö', 'ö'), 'Ø', 'ø'), 'Ù', 'ù'), 'Ú', 'ú'), 'Û', 'û'), 'Ü', 'ü'), 'Ý', 'ý'), 'Þ', 'þ'), 'Ā', 'ā'), 'Ă', 'ă'), 'Ą', 'ą'), 'Ć', 'ć'), 'Ĉ', 'ĉ'), 'Ċ', 'ċ'), 'Č', 'č'), 'Ď', 'ď'), 'Đ', 'đ'), 'Ē', 'ē'), 'Ĕ', 'ĕ'), 'Ė', 'ė'), 'Ę', 'ę'), 'Ě', 'ě'), 'Ĝ', 'ĝ'), 'Ğ', 'ğ'), 'Ġ', 'ġ'), 'Ģ', 'ģ'), 'Ĥ', 'ĥ'), 'Ħ', 'ħ'), 'Ĩ', 'ĩ'), 'Ī', 'ī'), 'Ĭ', 'ĭ'), 'Į', 'į'), 'Ĳ', 'ĳ'), 'Ĵ', 'ĵ'), 'Ķ', 'ķ'), 'Ĺ', 'ĺ'), 'Ļ', 'ļ'), 'Ľ', 'ľ'), 'Ŀ', 'ŀ'), 'Ł', 'ł'), 'Ń', 'ń'), 'Ņ', 'ņ'), 'Ň', 'ň'), 'Ŋ', 'ŋ'), 'Ō', 'ō'), 'Ŏ', 'ŏ'), 'Ő', 'ő'), 'Œ', 'œ'), 'Ŕ', 'ŕ'), 'Ŗ', 'ŗ'), 'Ř', 'ř'), 'Ś', 'ś'), 'Ŝ', 'ŝ'), 'Ş', 'ş'), 'Š', 'š'), 'Ţ', 'ţ'), 'Ť', 'ť'), 'Ŧ', 'ŧ'), 'Ũ', 'ũ'), 'Ū', 'ū'), 'Ŭ', 'ŭ'), 'Ů', 'ů'), 'Ű', 'ű'), 'Ų', 'ų'), 'Ŵ', 'ŵ'), 'Ŷ', 'ŷ'), 'Ÿ', 'ÿ'), 'Ź', 'ź'), 'Ż', 'ż'), 'Ž', 'ž'),
	`customer_phone` = replace(replace(replace(replace(replace(replace(replace(customer->>'$.phone', '+', ''), ' ', ''), '(', ''), ')', ''), '.', ''), '-', ''), '/', ''),
	`opened_at` = submitted_at,
	`changed_at` = max(received_at, coalesce(cancellation_requested_at, 0)),
	`steps` = iif(status = 'cancelled',
		json_array(json_object('status', 'received', 'at', received_at), json_object('status', 'cancelled', 'at', max(received_at, coalesce(cancellation_requested_at, 0)))),
		json_array(json_object('status', 'received', 'at', received_at))),
	`closings` = iif(status = 'cancelled', 1, 0),
	`closed_at` = iif(status = 'cancelled', max(received_at, coalesce(cancellation_requested_at, 0)), null);
