-- catalog: everything that happened to what the public sees, in the order of commits, for whoever follows this
-- catalogue. Nothing can be published or retired past it: a trigger writes it in the transaction of the change.

-- Where the trigger puts them. Below the oldest running transaction, (xid, seq) cannot change any more.
create table catalog.change_intake (
  xid xid8 not null default pg_current_xact_id(),
  seq bigint generated always as identity,
  dataset_id int not null,
  uid uuid not null,
  version int not null,
  kind text not null check (kind in ('create', 'update', 'delete')),
  primary key (xid, seq)
);

-- Where the sequencer moves them: numbered without gaps, with times that never go back, never changed again.
create table catalog.change (
  ordinal bigint primary key,
  dataset_id int not null,
  uid uuid not null,
  version int not null,
  kind text not null,
  at timestamptz(3) not null
);
create index change_dataset on catalog.change (dataset_id);

create function catalog.log_changes() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into catalog.change_intake (dataset_id, uid, version, kind)
    select id, uid, version, 'create' from added where state = 'published' order by id;
  elsif tg_op = 'DELETE' then
    insert into catalog.change_intake (dataset_id, uid, version, kind)
    select id, uid, version, 'delete' from removed where state = 'published' order by id;
  else
    insert into catalog.change_intake (dataset_id, uid, version, kind)
    select a.id, a.uid, a.version,
      case when a.state <> 'published' then 'delete' when r.state <> 'published' then 'create' else 'update' end
    from added a join removed r using (id)
    where (a.state = 'published' or r.state = 'published') and (a.state, a.version) <> (r.state, r.version)
    order by a.id;
  end if;
  return null;
end $$;
create trigger dataset_changes_insert after insert on catalog.dataset
  referencing new table as added for each statement execute function catalog.log_changes();
create trigger dataset_changes_update after update on catalog.dataset
  referencing old table as removed new table as added for each statement execute function catalog.log_changes();
create trigger dataset_changes_delete after delete on catalog.dataset
  referencing old table as removed for each statement execute function catalog.log_changes();

-- Catalogues filled before: followers begin with everything that is public.
insert into catalog.change_intake (dataset_id, uid, version, kind)
select id, uid, version, 'create' from catalog.dataset where state = 'published' order by id;
