-- catalog: entries with their information items, every version of them.

create schema catalog;

create table catalog.dataset (
  -- Dense, internal, never shown: the search index addresses entries by it.
  id int generated always as identity primary key,
  -- The stable address of the entry.
  uid uuid not null unique default gen_random_uuid(),
  organisation_id int not null references security.organisation,
  state text not null check (state in ('draft', 'published', 'retired')),
  -- The version whose content these rows hold, and the newest one; they differ while a published entry has a draft.
  version int not null default 1,
  latest_version int not null default 1,
  language text not null,
  title text not null,
  abstract text not null default '',
  translations jsonb not null default '{}',
  classification text[] not null default '{}',
  resource_code text[] not null default '{}',
  theme text[] not null default '{}',
  keyword text[] not null default '{}',
  -- A base or theme database of the profile.
  database text,
  sharing_type text not null,
  sharing_condition text,
  sharing_scope text,
  refusal_basis text,
  share_method text,
  open_type text not null,
  open_condition text,
  update_cycle text not null,
  grade text,
  duty text,
  service_matter text,
  spatial text[] not null default '{}',
  temporal_start date,
  temporal_end date,
  -- Upper-case short names of the distributions' formats, kept for search.
  format text[] not null default '{}',
  issued date,
  -- When the data itself last changed.
  modified timestamptz,
  landing_page text,
  license text,
  contact jsonb,
  distributions jsonb not null default '[]',
  services jsonb not null default '[]',
  related jsonb not null default '[]',
  extension jsonb not null default '{}',
  item_count int not null default 0,
  -- 0 to 1000, computed when written: how complete the description is.
  quality smallint not null default 0,
  use_count int not null default 0,
  -- Identity in the import it came from, and the hash of the record as it was read.
  source text,
  source_id text,
  source_hash bytea,
  created_at timestamptz not null default now(),
  published_at timestamptz,
  changed_at timestamptz not null default now(),
  changed_by int references security.person,
  changed_by_name text not null,
  change_reason text,
  check (latest_version >= version)
);
create unique index dataset_source on catalog.dataset (source, source_id) where source is not null;
create index dataset_organisation on catalog.dataset (organisation_id, id);
create index dataset_draft on catalog.dataset (changed_at, id) where state = 'draft' or latest_version > version;
create index dataset_changed on catalog.dataset (changed_at, id);
create index dataset_retired on catalog.dataset (id) where state = 'retired';
create index dataset_person on catalog.dataset (changed_by) where changed_by is not null;
-- The workbench finds entries by the beginning of their title.
create index dataset_title on catalog.dataset (lower(left(title, 100)) collate "C", id);

-- One resource code belongs to one entry; an entry may have several.
create table catalog.resource_code (
  code text primary key,
  dataset_id int not null references catalog.dataset on delete cascade
);
create index resource_code_dataset on catalog.resource_code (dataset_id);

-- No foreign key to the entry: checking it per item costs a third of an import's time. Items are written and
-- removed only together with their entry; `concord doctor` compares the counts.
create table catalog.item (
  dataset_id int not null,
  ordinal smallint not null,
  code text,
  name text not null,
  description text,
  translations jsonb,
  data_type text,
  length int,
  "precision" smallint,
  is_key boolean not null default false,
  -- Null where the entry's own value holds.
  sharing_type text,
  sharing_condition text,
  refusal_basis text,
  open_type text,
  open_condition text,
  update_cycle text,
  grade text,
  personal boolean not null default false,
  -- The body responsible for this item where it is not the entry's, i.e. its source.
  organisation_id int references security.organisation,
  source_item text,
  primary key (dataset_id, ordinal)
);

-- The content of every version that is not the one in the rows above: older ones and drafts of published entries.
create table catalog.dataset_version (
  dataset_id int not null references catalog.dataset on delete cascade,
  version int not null,
  content jsonb not null,
  state text not null check (state in ('draft', 'published', 'retired', 'discarded')),
  at timestamptz not null,
  person_id int references security.person,
  person_name text not null,
  reason text,
  primary key (dataset_id, version)
);

create index dataset_version_person on catalog.dataset_version (person_id) where state = 'draft';

-- Counts shown on public pages, so that nobody counts 3,000,000 rows. `organisation_id` 0 holds the whole
-- catalogue. `scope` is what is counted by: all, state, sharing, open, theme, database, grade, hour (of
-- publication, UTC, `YYYY-MM-DDTHH`). Only published entries count, except under `state`.
create table catalog.figure (
  organisation_id int not null,
  scope text not null,
  value text not null,
  entries int not null,
  items bigint not null,
  primary key (organisation_id, scope, value)
) with (fillfactor = 50);

-- What writers add; a job folds it into the table above. Writers that updated the counters themselves would
-- wait for each other's commits. A count is the sum over both tables.
create table catalog.figure_change (
  organisation_id int not null,
  scope text not null,
  value text not null,
  entries int not null,
  items bigint not null
);

create function catalog.figure_keys(
  organisation_id int, state text, sharing_type text, open_type text, theme text[], database text, grade text,
  published_at timestamptz
) returns table (organisation_id int, scope text, value text) language sql stable as $$
  select 0, 'state', state
  union all
  select * from (
    values (0, 'all', ''), (0, 'sharing', sharing_type), (0, 'open', open_type), (0, 'database', database),
      (0, 'grade', grade), (0, 'hour', to_char(published_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24')),
      (organisation_id, 'sharing', sharing_type), (organisation_id, 'open', open_type)
    union all select o, 'theme', t from unnest(theme) t, (values (0), (organisation_id)) v (o)
  ) k where state = 'published' and k.column3 is not null
$$;

create function catalog.count_figures() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into catalog.figure_change
    select k.organisation_id, k.scope, k.value, count(*), sum(r.item_count) from added r
    cross join lateral catalog.figure_keys(r.organisation_id, r.state, r.sharing_type, r.open_type, r.theme,
      r.database, r.grade, r.published_at) k
    group by 1, 2, 3;
  elsif tg_op = 'DELETE' then
    insert into catalog.figure_change
    select k.organisation_id, k.scope, k.value, -count(*), -sum(r.item_count) from removed r
    cross join lateral catalog.figure_keys(r.organisation_id, r.state, r.sharing_type, r.open_type, r.theme,
      r.database, r.grade, r.published_at) k
    group by 1, 2, 3;
  else
    insert into catalog.figure_change
    select k.organisation_id, k.scope, k.value, sum(r.sign), sum(r.sign * r.item_count)
    from (
      select 1 as sign, organisation_id, state, sharing_type, open_type, theme, database, grade, published_at, item_count
      from added
      union all
      select -1, organisation_id, state, sharing_type, open_type, theme, database, grade, published_at, item_count
      from removed
    ) r
    cross join lateral catalog.figure_keys(r.organisation_id, r.state, r.sharing_type, r.open_type, r.theme,
      r.database, r.grade, r.published_at) k
    group by 1, 2, 3 having sum(r.sign) <> 0 or sum(r.sign * r.item_count) <> 0;
  end if;
  return null;
end $$;
create trigger dataset_figures_insert after insert on catalog.dataset
  referencing new table as added for each statement execute function catalog.count_figures();
create trigger dataset_figures_update after update on catalog.dataset
  referencing old table as removed new table as added for each statement execute function catalog.count_figures();
create trigger dataset_figures_delete after delete on catalog.dataset
  referencing old table as removed for each statement execute function catalog.count_figures();
