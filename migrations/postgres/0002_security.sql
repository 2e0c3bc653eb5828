-- security: organisations, people, roles, sessions, API tokens, the audit log.

create schema security;

create table security.organisation (
  id int generated always as identity primary key,
  uid uuid not null unique default gen_random_uuid(),
  -- Stable text key for addresses and imports, e.g. `province-02-water` or a credit code.
  code text not null unique check (code ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  name text not null,
  translations jsonb not null default '{}',
  -- A tier of the profile (nation, province, city, county …).
  tier text not null,
  -- National code of the territory it serves; null for central bodies.
  division_code text,
  credit_code text unique,
  parent_id int references security.organisation,
  description text,
  homepage text,
  contact text,
  created_at timestamptz not null default now(),
  check (parent_id is distinct from id)
);
create index organisation_parent on security.organisation (parent_id);
create index organisation_division on security.organisation (division_code);

-- Counts changes of the tree, so that nodes notice them with a one-row look (security/organisation-tree.ts).
create table security.organisation_revision (
  only_row boolean primary key default true check (only_row),
  revision bigint not null,
  -- Who counted last: a transaction with thousands of changes counts once.
  xid xid8 not null
);
insert into security.organisation_revision (revision, xid) values (1, '0');
create function security.count_organisation_change() returns trigger language plpgsql as $$
begin
  update security.organisation_revision set revision = revision + 1, xid = pg_current_xact_id()
    where xid <> pg_current_xact_id();
  return null;
end $$;
create trigger organisation_changed after insert or update or delete on security.organisation
  for each statement execute function security.count_organisation_change();

-- Territories: code, name, parent. Versioned reference data of the profile.
create table security.division (
  code text primary key,
  name text not null,
  translations jsonb not null default '{}',
  parent_code text references security.division,
  tier text not null,
  valid_from date,
  valid_to date
);

create table security.person (
  id int generated always as identity primary key,
  uid uuid not null unique default gen_random_uuid(),
  login text not null unique check (login = lower(login)),
  name text not null,
  email text,
  organisation_id int not null references security.organisation,
  password_hash text,
  oidc_issuer text,
  oidc_subject text,
  language text,
  disabled_at timestamptz,
  created_at timestamptz not null default now(),
  unique (oidc_issuer, oidc_subject)
);
create index person_organisation on security.person (organisation_id);
create index person_email on security.person (lower(email));

create table security.person_role (
  person_id int not null references security.person on delete cascade,
  role text not null check (role in ('system_admin', 'security_admin', 'audit_admin', 'steward',
    'department_reviewer', 'data_office_reviewer', 'viewer')),
  -- Null: by the program (seed, command line).
  granted_by int references security.person,
  granted_at timestamptz not null default now(),
  primary key (person_id, role),
  -- Nobody grants themselves.
  check (granted_by is distinct from person_id)
);
-- The three administrators are different people, whatever the program does.
create unique index person_role_one_administrator on security.person_role (person_id)
  where role in ('system_admin', 'security_admin', 'audit_admin');

create table security.session (
  token_hash bytea primary key,
  person_id int not null references security.person on delete cascade,
  csrf_token text not null,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  address inet,
  agent text
);
create index session_person on security.session (person_id);
create index session_expiry on security.session (expires_at);

create table security.api_token (
  id int generated always as identity primary key,
  uid uuid not null unique default gen_random_uuid(),
  token_hash bytea not null unique,
  -- The first characters, shown so that its owner recognises it.
  prefix text not null,
  person_id int not null references security.person on delete cascade,
  name text not null,
  scopes text[] not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index api_token_person on security.api_token (person_id);

-- Attempts to sign in, by login and by address (as hashes); a success takes its login's away.
create table security.sign_in_failure (
  subject text not null,
  at timestamptz not null default clock_timestamp()
);
create index sign_in_failure_subject on security.sign_in_failure (subject, at);

-- Events as they are written, inside the transaction of the change: an insert and nothing else. One sequencer
-- moves them into the chain, in the order in which they became visible; what it has moved is gone here.
create table security.audit_intake (
  seq bigint generated always as identity,
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz(3) not null default clock_timestamp(),
  request_id text,
  actor_kind text not null,
  actor_id text,
  organisation_id int,
  action text not null,
  object_kind text,
  object_id text,
  decision text not null check (decision in ('allow', 'deny', 'error')),
  -- Canonical JSON. Text, because the hash is over its bytes.
  detail text not null default '{}',
  primary key (xid, seq)
);

-- The chain: every event carries the hash of the one before; nothing may change or remove a row.
create table security.audit_event (
  seq bigint primary key,
  at timestamptz(3) not null,
  request_id text,
  actor_kind text not null,
  actor_id text,
  organisation_id int,
  action text not null,
  object_kind text,
  object_id text,
  decision text not null,
  detail text not null,
  previous_hash bytea not null,
  hash bytea not null
);
create index audit_event_at on security.audit_event using brin (at);
create index audit_event_object on security.audit_event (object_kind, object_id, seq);
create index audit_event_actor on security.audit_event (actor_id, seq);
create index audit_event_action on security.audit_event (action, seq);

-- What a node saw as the end of the chain, signed with the node's key; the same lines are in a file outside.
create table security.audit_checkpoint (
  key_id text not null,
  seq bigint not null,
  line text not null,
  at timestamptz not null default now(),
  primary key (key_id, seq)
);

create function security.refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is append-only';
end $$;
create trigger audit_event_append_only before update or delete on security.audit_event
  for each row execute function security.refuse_audit_change();
create trigger audit_event_no_truncate before truncate on security.audit_event
  for each statement execute function security.refuse_audit_change();
create trigger audit_checkpoint_append_only before update or delete on security.audit_checkpoint
  for each row execute function security.refuse_audit_change();
create trigger audit_checkpoint_no_truncate before truncate on security.audit_checkpoint
  for each statement execute function security.refuse_audit_change();
create trigger audit_intake_unchanged before update on security.audit_intake
  for each row execute function security.refuse_audit_change();
create trigger audit_intake_no_truncate before truncate on security.audit_intake
  for each statement execute function security.refuse_audit_change();
