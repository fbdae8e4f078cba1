with said as (
	select p.customer_id, 'CustomerChanged' as type, p.version,
		json_object('email', p.email, 'name', p.name, 'street', p.street, 'postalCode', p.postal_code, 'city', p.city,
			'country', p.country, 'region', p.region, 'language', p.language) as data
	from profiles as p where p.email <> '' and p.version > 0
	union all
	select customer_id, 'PlanChanged', version, json_object('startsAt', starts_at, 'endsAt', ends_at, 'phases', (
		select json_group_array(json_object('from', phase.value->'$.from', 'lines', (
			select json_group_array(json_object('contractId', line.value->>'$.contractId', 'contractVersion', line.value->'$.contractVersion'))
			from json_each(phase.value, '$.lines') as line))) from json_each(phases) as phase))
	from plans where phases <> '[]'),
named as materialized (
	select *, 'evt_' || substr(customer_id, 5, 2) || '0' || substr(lower(hex(randomblob(13))), 1, 25) as event_id from said)
insert into outbox (event_id, destination, type, event, attempts, first_delay, next_attempt_at, created_at)
select event_id, 'billing', type,
	json_object('specversion', '1.0', 'id', event_id, 'source', 'customer', 'type', type, 'subject', customer_id,
		'time', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'dataschema', 'urn:sysops-squad:' || type || ':1',
		'correlationid', 'after-a-restore',
		'traceparent', '00-' || lower(hex(randomblob(16))) || '-' || lower(hex(randomblob(8))) || '-01',
		'version', cast(version as text), 'data', json(data)),
	0, 300000, 0, unixepoch() * 1000
from named
