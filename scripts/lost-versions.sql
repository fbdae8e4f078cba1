select distinct c.contract_id, c.version, json_object('digest', c.digest, 'terms', json(c.terms)) as body
from outbox as o, json_each(o.event, '$.data.phases') as phase, json_each(phase.value, '$.lines') as line
	join contract_versions as c
		on c.contract_id = line.value->>'$.contractId' and c.version = line.value->>'$.contractVersion'
where o.type = 'PlanChanged'
	and c.generation < (select complete_generation from replicas where name = 'contracts')
