-- harvest: imports of files, what became of each record, saved mappings. Sources harvested from live portals get
-- their own tables beside these; a harvest run will be an import run with a source.

create schema harvest;

create table harvest.import_run (
  id int generated always as identity primary key,
  uid uuid not null unique default gen_random_uuid(),
  -- Entries are found again by (source, identifier); one run of a source at a time. Null until it is started.
  source text,
  format text not null,
  file_name text not null,
  file_size bigint not null,
  -- SHA-256 of an uploaded file; of a file imported in place, of its size, time, first and last part.
  file_hash bytea not null,
  -- Name of the uploaded copy below the data folder; null for a file imported in place.
  spool text,
  mapping jsonb,
  mapping_hash bytea,
  publish boolean not null default true,
  body text,
  reason text,
  state text not null check (state in ('uploaded', 'queued', 'running', 'done', 'stopped', 'failed', 'interrupted')),
  stop_requested boolean not null default false,
  -- Counts takeovers: a writer that lost the run to another one can write nothing any more.
  epoch int not null default 0,
  -- Events of the file that are settled, and bytes read for them: where a resumed run goes on.
  position bigint not null default 0,
  bytes bigint not null default 0,
  read_count int not null default 0,
  added_count int not null default 0,
  changed_count int not null default 0,
  unchanged_count int not null default 0,
  rejected_count int not null default 0,
  gone_count int not null default 0,
  -- The body of the person who imports: who may see the run.
  organisation_id int references security.organisation,
  actor jsonb not null,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  -- When work began last, and the bytes done by then: for speed and the time left.
  resumed_at timestamptz,
  resumed_bytes bigint not null default 0,
  finished_at timestamptz,
  error jsonb
);
create unique index import_run_one_per_source on harvest.import_run (source) where state = 'running';
create index import_run_source on harvest.import_run (source, id);
create index import_run_organisation on harvest.import_run (organisation_id, id);

-- What became of each record. Unchanged ones are only counted.
create table harvest.import_record (
  run_id int not null references harvest.import_run on delete cascade,
  position bigint not null,
  place text not null,
  source_id text,
  title text,
  outcome text not null check (outcome in ('added', 'changed', 'rejected', 'gone', 'note')),
  dataset_uid uuid,
  -- Faults of a reject; warnings of what was taken all the same.
  faults jsonb,
  -- The beginning of a rejected record as it was read.
  excerpt text,
  primary key (run_id, position)
);
create index import_record_outcome on harvest.import_record (run_id, outcome, position) where outcome <> 'added';

create table harvest.mapping (
  name text primary key,
  mapping jsonb not null,
  organisation_id int references security.organisation,
  changed_at timestamptz not null default now(),
  changed_by_name text not null
);
