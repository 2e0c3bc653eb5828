-- Whether the bodies of a followed node are registered below the body of the source.
alter table harvest.source add column copy_bodies boolean not null default false;
