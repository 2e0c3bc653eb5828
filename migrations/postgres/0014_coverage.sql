-- coverage: how complete, mounted, shared, open, current and graded the catalogue is, and how good its entries are.

create schema coverage;

-- The score of every published entry. Made anew as a whole beside itself and swapped (src/coverage/score.queries.ts),
-- so nothing refers to it. Which check has which bit, and what it is worth, is in src/coverage/check.ts.
create table coverage.entry_score (
  dataset_id int primary key,
  organisation_id int not null,
  -- A bit for each check: what was measured, and what of it is in order.
  passed bigint not null,
  measured bigint not null,
  -- Points by dimension.
  findability smallint not null,
  accessibility smallint not null,
  interoperability smallint not null,
  reusability smallint not null,
  context smallint not null,
  needs smallint not null,
  points smallint not null,
  -- Points that could be had in what was measured.
  possible smallint not null,
  -- Place in the profile's ratings, 0 is the best.
  rating smallint not null,
  -- By when the data must change to keep the promise of its update cycle: -infinity where it does not say when it
  -- last changed, null where no date was promised.
  due_at timestamptz,
  -- Hash of the addresses; null where there are none.
  links bigint,
  links_due boolean not null
);
create index on coverage.entry_score (organisation_id, dataset_id);
create index on coverage.entry_score (dataset_id) where links_due;

-- What cannot be seen in the entry itself: whether its addresses answer, whether it passes the shapes of DCAT-AP.
create table coverage.observation (
  dataset_id int primary key,
  -- Hash of the addresses that were asked; another hash means they were not.
  links bigint,
  -- Null: there is no such address, or it may not be asked from here.
  access_ok boolean,
  download_ok boolean,
  links_at timestamptz,
  -- When addresses that did not answer are asked again.
  again_at timestamptz,
  conforms boolean,
  conforms_version int
);
create index on coverage.observation (again_at) where again_at is not null;

-- How many data resources a body has to catalogue, as declared with its basis by the data office above it.
create table coverage.target (
  organisation_id int primary key references security.organisation,
  resources int not null check (resources > 0),
  basis text not null,
  declared_by text not null,
  declared_at timestamptz not null default now()
);

-- Numerators and denominators by day. `key` is '' (nation), a tier, a division code or the code of a body.
create table coverage.snapshot (
  day date not null,
  scope text not null check (scope in ('nation', 'tier', 'region', 'body')),
  key text not null,
  -- Bodies that have published entries or a target.
  bodies int not null,
  published int not null,
  -- Sum of the targets, null where none is declared, and of the entries towards them: no body counts beyond its own.
  target int,
  towards_target int not null,
  mounted int not null,
  shared int not null,
  opened int not null,
  -- Entries whose update cycle promises a date, and those that keep it.
  due int not null,
  in_time int not null,
  graded int not null,
  points bigint not null,
  possible bigint not null,
  -- Entries by rating, the best first.
  ratings int[] not null,
  -- Entries by check; kept for the newest day only.
  passed int[],
  measured int[],
  -- Version of the rules by which it was counted.
  rules text not null,
  -- `demo`: written by the demo's scenario, not counted.
  origin text not null check (origin in ('measured', 'demo')),
  at timestamptz not null,
  primary key (day, scope, key)
);
create index on coverage.snapshot (scope, key, day);
