-- catalog: what items are in standards, in exchange and in their database; identifiers of entries elsewhere; who
-- retired an entry.

alter table catalog.item
  -- Identifier of the data element (ISO 11179) that the item is a use of.
  add column data_element text,
  add column share_method text,
  -- The item is a state or work secret: it is described, never exchanged here.
  add column secret boolean not null default false,
  add column required_in_exchange boolean not null default false,
  -- For dates and times, e.g. YYYYMMDD.
  add column date_format text,
  -- The column of a table or the member of a service that the item is mounted to, and its type there.
  add column bound_column text,
  add column bound_type text;
create index item_data_element on catalog.item (data_element) where data_element is not null;

alter table catalog.dataset
  -- What the entry is called elsewhere: addresses, DOIs, identifiers of the portals it came through.
  add column identifier text[] not null default '{}',
  -- `source`: its source has it no more; should it come back, so does the entry.
  add column retired_by text check (retired_by in ('person', 'source'));
update catalog.dataset set retired_by = 'person' where state = 'retired';
create index dataset_identifier on catalog.dataset using gin (identifier) where identifier <> '{}';
