-- interop: what the operator's SHACL shapes find in published entries, checked in the background after each change.

create schema if not exists interop;

-- The latest check of an entry. The shapes are named by their hash, because results differ with the file.
create table interop.shacl_result (
  dataset_id int primary key references catalog.dataset on delete cascade,
  version int not null,
  shapes_file text not null,
  shapes_sha256 text not null,
  -- Null: the check did not come to an end.
  conforms boolean,
  violations int not null,
  warnings int not null,
  -- The first of them, compact (src/interop/dcat/shacl.schema.ts).
  findings jsonb not null,
  checked_at timestamptz not null
);

-- How far the change feed (catalog.change) was checked with which shapes; one process at a time works on it.
create table interop.shacl_cursor (
  only_row boolean primary key default true check (only_row),
  shapes_sha256 text not null,
  ordinal bigint not null,
  holder uuid not null,
  held_until timestamptz not null
);
