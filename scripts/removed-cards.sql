insert into outbox (event_id, destination, type, event, attempts, first_delay, next_attempt_at, created_at)
select 'evt_' || substr(id, 5), 'billing', 'CardRemoved',
	json_object('specversion', '1.0', 'id', 'evt_' || substr(id, 5), 'source', 'customer', 'type', 'CardRemoved',
		'subject', customer_id, 'time', strftime('%Y-%m-%dT%H:%M:%fZ', changed_at / 1000.0, 'unixepoch'),
		'dataschema', 'urn:sysops-squad:CardRemoved:1', 'correlationid', 'after-a-restore',
		'traceparent', '00-' || lower(hex(randomblob(16))) || '-' || lower(hex(randomblob(8))) || '-01',
		'data', json_object('cardId', id, 'removedAt', changed_at)),
	0, 300000, 0, unixepoch() * 1000
from cards where state = 'removed' and submitted_at is not null
on conflict do nothing
