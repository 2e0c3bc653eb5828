-- interop: what CKAN keeps of a package and the catalogue has no place for.

create schema if not exists interop;

create table interop.ckan_package (
  dataset_id int primary key references catalog.dataset on delete cascade,
  -- The name a client gave; an entry without one is known by its address.
  name text collate "C" unique,
  -- When the package was made and changed where it came from. The second holds for one version of the entry.
  created timestamp,
  modified timestamp,
  modified_version int,
  -- author, author_email, version, and extras that are no member of an entry.
  more jsonb not null default '{}'
);

-- Resources whose id is not the one their content gives, or with members that a distribution does not have.
create table interop.ckan_resource (
  id uuid primary key,
  dataset_id int not null references catalog.dataset on delete cascade,
  key text not null,
  more jsonb not null default '{}'
);
create index ckan_resource_dataset on interop.ckan_resource (dataset_id);

-- All names in their order, read from the index alone: 3,000,000 rows of the table would be a read of the disk each.
create index dataset_published_uid on catalog.dataset (uid, id) where state = 'published';
