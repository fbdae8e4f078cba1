import { admitted, consumption } from "../../../shared/messaging/consumption.ts";

/** A message is stored before it is sent: from here on it is this Worker's. */
export const onNotificationRequested = consumption("NotificationRequested", {
	effects: [
		`insert into notifications (id, customer_id, channel, recipient, language, template, content, status, requested_at, expires_at, next_attempt_at)
		select m.value->>'$.data.notificationId', m.value->>'$.subject', m.value->>'$.data.channel', m.value->>'$.data.recipient',
			m.value->>'$.data.language', m.value->>'$.data.template', m.value->'$.data.values', 'pending', :now,
			m.value->>'$.data.expiresAt', :now
		from ${admitted} where true
		on conflict do nothing`,
	],
});
