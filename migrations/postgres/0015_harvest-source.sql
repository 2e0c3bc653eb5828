-- harvest: sources that are read again and again, the registry of portals, what a run saw of a source, and entries
-- that several sources hold.

create table harvest.source (
  id int generated always as identity primary key,
  uid uuid not null unique default gen_random_uuid(),
  -- Entries are found again by (name, identifier), so the name never changes.
  name text not null unique,
  title text not null,
  -- Null: a portal of the registry without an address that can be read.
  kind text check (kind in ('ckan', 'dcat', 'dcat-us', 'csv', 'xlsx', 'jsonl', 'json', 'concord')),
  url text not null,
  -- CKAN: a filter query (fq).
  filter text,
  mapping jsonb,
  -- Code of the body that provides what the records do not say otherwise.
  body text,
  publish boolean not null default false,
  -- manual · hourly · daily HH:MM · weekly D HH:MM (1 is Monday), in the time of the profile.
  schedule text not null default 'manual',
  active boolean not null default false,
  limits jsonb not null default '{}',
  -- A run that would remove more than this share, or this number where there is one, asks first.
  guard_share real not null default 0.05,
  guard_count int,
  -- The body that answers for the source; null: a portal of the registry that nobody uses.
  organisation_id int references security.organisation,
  -- Sealed with the key of the node; never leaves it.
  token bytea,
  -- ETag and Last-Modified of the last clean run.
  validators jsonb,
  -- Begin of the last clean run (the next may ask for what changed since), and of the last one that compared everything.
  clean_at timestamptz,
  full_at timestamptz,
  next_run_at timestamptz,
  -- State of the newest run, so that a list needs no other table.
  last_run_id int,
  last_state text,
  attention smallint not null generated always as (
    case when last_state = 'waiting' then 0 when last_state = 'failed' then 1
      when last_state in ('running', 'queued', 'interrupted') then 2 when active then 3 else 4 end
  ) stored,
  -- Where it stands in a registry, and what that says of it.
  registry_id text unique,
  country text,
  -- 10 international · 20 nation · 30 region · 40 and more: below (as in the registry).
  level smallint,
  software text,
  words tsvector not null default '',
  version int not null default 1,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  changed_by_name text not null
);
create index source_own on harvest.source (attention, name) where organisation_id is not null;
create index source_registry on harvest.source (name) where organisation_id is null;
create index source_words on harvest.source using gin (words);
create index source_country on harvest.source (country, name) where organisation_id is null;
create index source_due on harvest.source (next_run_at) where active and next_run_at is not null;

-- A harvest is an import run with a source: the same report, the same writing, the same fence.
alter table harvest.import_run
  add column task text not null default 'import' check (task in ('import', 'harvest', 'removal')),
  add column source_row int references harvest.source on delete set null,
  -- Where the next page begins, and how many events after that are settled already.
  add column cursor jsonb,
  add column cursor_events int not null default 0,
  -- Records that the source announced.
  add column total int,
  add column page_count int not null default 0,
  -- Pages that could not be read: where each begins, why, how often it was tried. They are tried again at the end.
  add column failed_pages jsonb not null default '[]',
  -- Only what changed since then was asked for.
  add column since timestamptz,
  add column read_end boolean not null default false,
  -- Null until everything is read; false: absent records say nothing, nothing is removed.
  add column complete boolean,
  add column validators jsonb,
  -- What records were taken with because they do not say it, and how many.
  add column assumed jsonb not null default '{}',
  add column linked_count int not null default 0,
  -- Records that stood there twice, and pieces that could not be read as records.
  add column repeated_count int not null default 0,
  add column unread_count int not null default 0,
  -- Entries a run would remove, and what a person said to it.
  add column removal_count int,
  add column decision text check (decision in ('approved', 'refused', 'superseded')),
  add column decided_by_name text,
  add column decided_at timestamptz,
  add column tries smallint not null default 0,
  add column retry_at timestamptz,
  add column resumed_read int not null default 0,
  drop constraint import_run_state_check,
  add constraint import_run_state_check check (
    state in ('uploaded', 'queued', 'running', 'done', 'stopped', 'failed', 'interrupted', 'waiting'));
create unique index import_run_one_open on harvest.import_run (source_row)
  where task <> 'import' and state in ('queued', 'running', 'interrupted');
create index import_run_of_source on harvest.import_run (source_row, id) where task <> 'import';

-- Whoever ends a run, a person, a process or one that cleans up after it: its source knows.
create function harvest.tell_source() returns trigger language plpgsql as $$
begin
  update harvest.source set last_run_id = new.id, last_state = new.state
    where id = new.source_row and (last_run_id is null or last_run_id <= new.id);
  return null;
end $$;
create trigger import_run_state after insert or update of state on harvest.import_run
  for each row when (new.source_row is not null) execute function harvest.tell_source();

alter table harvest.import_record drop constraint import_record_outcome_check,
  add constraint import_record_outcome_check check (
    outcome in ('added', 'changed', 'rejected', 'gone', 'note', 'linked', 'restored', 'removed'));

-- The entries of a source that a run met: one bit each, 8,192 row ids to a block of 1 KB.
create table harvest.run_seen (
  run_id int not null references harvest.import_run on delete cascade,
  block int not null,
  bits bytea not null,
  primary key (run_id, block)
) with (fillfactor = 50);

-- Identifiers that the source itself says are gone; they are removed at the end of the run, with the others.
create table harvest.run_gone (
  run_id int not null references harvest.import_run on delete cascade,
  source_id text not null,
  primary key (run_id, source_id)
);

-- A record of a source whose entry another one holds.
create table harvest.record_link (
  source_row int not null references harvest.source on delete cascade,
  source_id text not null,
  dataset_id int not null references catalog.dataset on delete cascade,
  -- Which identifier both have: uid, uri or code.
  reason text not null,
  -- The last run that met the record.
  seen_run int not null,
  linked_at timestamptz not null default now(),
  primary key (source_row, source_id)
);
create index record_link_dataset on harvest.record_link (dataset_id);

-- Global identifiers that a record has beside the one it is found by: URIs, DOIs.
create table harvest.identifier (
  value text primary key,
  dataset_id int not null references catalog.dataset on delete cascade
);
create index identifier_dataset on harvest.identifier (dataset_id);
-- And those it is found by, across sources.
create index dataset_global_identifier on catalog.dataset (source_id)
  where source_id ~ '^(https?://|urn:|doi:|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-)';
