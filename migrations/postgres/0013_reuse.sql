-- reuse: who already holds an item, what was decided about collecting it again, and all duplicates by item.

create schema reuse;

-- What was decided about an item that others hold already: one row per entry and item, by what its name says.
create table reuse.decision (
  dataset_id int not null references catalog.dataset on delete cascade,
  item_key text not null,
  -- As it was written when this was decided.
  item_name text not null,
  decision text not null check (decision in ('reuse', 'collect')),
  -- Of a reuse: the source's item and the body that answers for it.
  source_organisation_id int references security.organisation,
  -- Address of the source's entry.
  source_uid uuid,
  source_item text,
  reason text,
  at timestamptz not null default now(),
  person_id int references security.person,
  person_name text not null,
  primary key (dataset_id, item_key),
  check ((decision = 'collect' and reason is not null) or (decision = 'reuse' and source_organisation_id is not null))
);
create index decision_person on reuse.decision (person_id) where person_id is not null;

-- A text as a number of 52 bits, so that 20,000,000 rows are grouped by integers (src/reuse/item-number.ts).
create function reuse.number_of(value text) returns bigint language sql immutable strict parallel safe
return ('x' || left(md5(value), 13))::bit(52)::bigint;

-- The tables below are made anew as a whole by the job `reuse-duplicates` and swapped in; the catalogue is the truth.

-- Item names of published entries with what they say: names that say the same have the same key. `item` is the group
-- in the report, `base` the key without generic endings such as "code"; all three are numbers made from texts.
create table reuse.item_name (
  name text not null,
  uses int not null,
  key bigint not null,
  base bigint not null,
  item bigint not null
);
create index item_name_key on reuse.item_name (key);
create index item_name_base on reuse.item_name (base);

-- An item that several bodies hold.
create table reuse.duplicate (
  item bigint not null,
  name text not null,
  data_element text,
  bodies int not null,
  entries int not null,
  types text[] not null,
  themes text[] not null,
  -- The body proposed as the one source, its best entry, and the first rule that put it before the others.
  source_organisation_id int not null,
  source_dataset_id int,
  source_reason text not null
);
create unique index duplicate_item on reuse.duplicate (item);
create index duplicate_order on reuse.duplicate (bodies desc, item desc);

-- Each body that holds such an item, or that others name as its source (then perhaps without entries).
create table reuse.duplicate_body (
  item bigint not null,
  organisation_id int not null,
  entries int not null,
  -- Items of other bodies that name this one as their source.
  named int not null,
  in_base boolean not null,
  best_dataset_id int
);
create index duplicate_body_item on reuse.duplicate_body (item, entries desc, organisation_id);
create index duplicate_body_organisation on reuse.duplicate_body (organisation_id, item);

-- The report that the tables hold: one row.
create table reuse.report (
  one boolean primary key default true check (one),
  -- Published entries were read from then on; null before the first report.
  as_of timestamptz,
  seconds real,
  items int,
  duplicates int,
  -- While a new one is being made; a run that died is over when its lock is free.
  running_since timestamptz,
  problem text
);
insert into reuse.report default values;
