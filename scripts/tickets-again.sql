with unfinished as (
	select t.id, t.customer_id, t.created_at, t.device, t.category, t.priority, t.text, t.availability, t.cancellation_requested_at,
		json_object('name', p.name, 'street', p.street, 'postalCode', p.postal_code, 'city', p.city, 'country', p.country,
			'region', coalesce(t.region, p.region), 'phone', p.phone) as customer
	from tickets as t cross join profiles as p on p.customer_id = t.customer_id
	where t.status not in ('resolved', 'cancelled')),
said as (
	select 'evt_' || substr(id, 5) as event_id, customer_id, 'TicketSubmitted' as type, 2 as schema, created_at as at,
		json_object('ticketId', id, 'submittedAt', created_at, 'device', device, 'category', category, 'priority', priority,
			'text', text, 'availability', json(coalesce(availability, '["morning","afternoon","evening"]')),
			'customer', json(customer)) as data
	from unfinished
	union all
	select 'evt_' || substr(c.id, 5), t.customer_id, 'TicketCommented', 1, c.created_at,
		json_object('ticketId', t.id, 'commentId', c.id, 'commentedAt', c.created_at, 'text', c.text)
	from unfinished as t cross join comments as c on c.ticket_id = t.id where c.author is null
	union all
	select 'evt_' || substr(id, 5, 2) || '0' || substr(lower(hex(randomblob(13))), 1, 25), customer_id,
		'TicketCancellationRequested', 1, cancellation_requested_at,
		json_object('ticketId', id, 'requestedAt', cancellation_requested_at)
	from unfinished where cancellation_requested_at is not null)
insert into outbox (event_id, destination, type, event, attempts, first_delay, next_attempt_at, created_at)
select event_id, 'sysops', type,
	json_object('specversion', '1.0', 'id', event_id, 'source', 'customer', 'type', type, 'subject', customer_id,
		'time', strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch'), 'dataschema', 'urn:sysops-squad:' || type || ':' || schema,
		'correlationid', 'after-a-restore',
		'traceparent', '00-' || lower(hex(randomblob(16))) || '-' || lower(hex(randomblob(8))) || '-01',
		'data', json(data)),
	0, 300000, 0, unixepoch() * 1000
from said where true
on conflict do nothing
