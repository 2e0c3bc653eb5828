-- catalog: which record of a source the open draft of a published entry holds. `source_hash` is now always that of
-- the content in the rows, so that publishing a record that waits as a draft is not taken for done.

alter table catalog.dataset add column draft_source_hash bytea;

-- One column served both until now, and which of the two it meant is not known: both are compared once more.
update catalog.dataset set draft_source_hash = source_hash, source_hash = null
  where state <> 'draft' and latest_version > version and source_hash is not null;
-- The same where a draft was given up last: its hash may have stayed.
update catalog.dataset d set source_hash = null from catalog.dataset_version v
  where v.dataset_id = d.id and v.version = d.version - 1 and v.state = 'discarded' and d.source_hash is not null;
