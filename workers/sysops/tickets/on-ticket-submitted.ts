import { admitted, consumption } from "../../../shared/messaging/consumption.ts";

/** A phone number as the search knows it: what remains of what a customer types. */
const digits = `replace(replace(replace(replace(replace(replace(replace(
	m.value->>'$.data.customer.phone', '+', ''), ' ', ''), '(', ''), ')', ''), '.', ''), '-', ''), '/', '')`;

/** A submitted ticket waits for an expert. Its receipt tells the customer that the service team has it. */
export const onTicketSubmitted = consumption("TicketSubmitted", {
	effects: [
		`insert into tickets (id, customer_id, status, submitted_at, opened_at, received_at, changed_at, device, category, priority,
			text, customer, customer_name, customer_phone, region, availability, steps)
		select m.value->>'$.data.ticketId', m.value->>'$.subject', 'queued', m.value->>'$.data.submittedAt',
			m.value->>'$.data.submittedAt', :now, :now, m.value->>'$.data.device', m.value->>'$.data.category',
			m.value->>'$.data.priority', m.value->>'$.data.text', m.value->'$.data.customer',
			lower(m.value->>'$.data.customer.name'), ${digits}, m.value->>'$.data.customer.region', m.value->'$.data.availability',
			json_array(json_object('status', 'received', 'at', :now))
		from ${admitted} where true
		on conflict do nothing`,
	],
});
