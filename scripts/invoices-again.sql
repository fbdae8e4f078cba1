select 'insert into invoices (invoice_id, kind, number, customer_id, issued_at, payment_id, currency, total_minor, document, run) values ('
	|| quote(id) || ', ' || quote(kind) || ', ' || cast(substr(number, 8) as integer) || ', ' || quote(customer_id) || ', ' || cast(issued_at as integer)
	|| ', ' || quote(iif(kind = 'invoice', 'att_', 'rfd_') || substr(id, 5)) || ', ' || quote(currency) || ', ' || cast(total_minor as integer)
	|| ', ' || quote(document) || ', ''after-a-restore'') on conflict do nothing;'
	|| ' insert into deliveries (invoice_id, event_id, created_at, checked_at, delivered_at) values (' || quote(id) || ', '
	|| quote('evt_' || substr(id, 5)) || ', ' || cast(issued_at as integer) || ', ' || cast(issued_at as integer) || ', '
	|| cast(issued_at as integer) || ') on conflict do nothing;' as statement
from invoices where issued_at >= :since
union all
select 'insert into series (kind, last) select kind, max(number) from invoices where true group by kind'
	|| ' on conflict do update set last = max(last, excluded.last);'
union all
select 'update periods set state = ''due'', attempt_at = 0, look_at = 0, declines = 0, round_at = null where state in (''due'', ''parked'')'
	|| ' and (customer_id, from_at) in (select customer_id, document->>''$.period.from'' from invoices'
	|| ' where run = ''after-a-restore'' and kind = ''invoice'');'
