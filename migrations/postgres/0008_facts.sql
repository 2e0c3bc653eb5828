-- platform: small facts that the program keeps about this installation, such as which seed was finished.

create table platform.fact (
  name text primary key,
  value jsonb not null,
  at timestamptz not null default now()
);

-- Installations filled before this table was there: the audit log tells that the seed ran. Where no entry
-- came of it, it was cut off, and the next start finishes it.
insert into platform.fact (name, value)
select 'seed', jsonb_build_object('name', 'demo', 'finished',
  exists (select from catalog.dataset where source = 'seed'))
where exists (select from security.audit_event where actor_kind = 'system' and actor_id = 'seed')
  or exists (select from security.audit_intake where actor_kind = 'system' and actor_id = 'seed');

-- How far each topic of the outbox was trimmed: a reader whose place is below has missed news.
create table platform.outbox_horizon (
  topic text primary key,
  xid xid8 not null,
  seq bigint not null,
  at timestamptz not null default now()
);
