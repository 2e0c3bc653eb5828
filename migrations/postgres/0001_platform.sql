-- platform: news between capabilities, answers kept for repeated requests.

create table platform.outbox (
  seq bigint generated always as identity,
  xid xid8 not null default pg_current_xact_id(),
  topic text not null,
  payload jsonb not null,
  at timestamptz not null default now(),
  primary key (topic, xid, seq)
);
create index outbox_at on platform.outbox using brin (at);

-- The answer to a write that carried an Idempotency-Key, given again when the key comes again.
create table platform.idempotency (
  actor text not null,
  key text not null,
  request_hash bytea not null,
  status int,
  answer jsonb,
  headers jsonb,
  at timestamptz not null default now(),
  primary key (actor, key)
);
create index idempotency_at on platform.idempotency (at);
