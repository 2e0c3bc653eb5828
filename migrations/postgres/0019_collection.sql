-- collection: tables whose rows the platform holds, and every load of them. The rows are in ClickHouse (database
-- `collection`); what readers see of them is decided here.

create schema collection;

create table collection.data_table (
  id int generated always as identity primary key,
  uid uuid not null unique default gen_random_uuid(),
  organisation_id int not null references security.organisation,
  -- What commands and addresses call it; never changes.
  name text not null unique check (name ~ '^[a-z][a-z0-9_]{0,62}$'),
  title text not null,
  -- As pinned by the first batch: [{ name, title, datatype, format?, required? }].
  columns jsonb not null,
  -- snapshot: each batch is the whole table. append: each adds to it.
  mode text not null check (mode in ('snapshot', 'append')),
  -- The newest batch that readers see; rows of a higher number are of a load that is under way or was cut off.
  visible_batch int not null default 0,
  row_count bigint not null default 0,
  version int not null default 1,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  changed_by_name text not null
);
create index data_table_organisation on collection.data_table (organisation_id, name);

create table collection.batch (
  id int generated always as identity primary key,
  table_id int not null references collection.data_table on delete cascade,
  -- 1, 2, 3 … within its table; the rows carry it.
  number int not null,
  -- loaded: readers see it. quarantined: the columns are others, or too many records are wrong; nothing of it is seen.
  state text not null check (state in ('loading', 'loaded', 'quarantined', 'failed', 'interrupted')),
  -- Its manifest.
  source text not null,
  source_bytes bigint not null,
  -- SHA-256 of the file as it was read.
  checksum bytea not null,
  format text not null,
  encoding text not null,
  delimiter text not null,
  columns jsonb not null,
  rows_read bigint not null default 0,
  rows_accepted bigint not null default 0,
  rows_rejected bigint not null default 0,
  -- Why it is not loaded: faults with place and remedy.
  faults jsonb not null default '[]',
  started_by_name text not null,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  unique (table_id, number)
);
create unique index batch_one_loading on collection.batch (table_id) where state = 'loading';
