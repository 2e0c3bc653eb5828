-- catalog: entries that somebody else is deciding about, and when each entry is due for an update.

-- Few rows at a time; beside the entries, so that holding one does not count as a change of it.
create table catalog.hold (
  dataset_id int primary key references catalog.dataset on delete cascade,
  -- The capability that decides: only it may publish, retire or give up what is held.
  holder text not null,
  -- Where in the web the decision is prepared, and who asked for it.
  link text not null,
  by_name text not null,
  at timestamptz not null,
  -- True while the author completes the draft: it may be saved, nothing else.
  open boolean not null default false
);

-- When data of a cycle should have changed again: the cycle and a tenth of it, at least a day. Null where the
-- cycle promises nothing. Immutable, so that an index answers what is overdue and no column can be out of step.
create function catalog.update_due(update_cycle text, modified timestamptz, published_at timestamptz)
returns timestamptz language sql immutable parallel safe as $$
  select (coalesce(modified, published_at) at time zone 'UTC' + case update_cycle
    when 'real_time' then interval '1 day'
    when 'daily' then interval '2 days'
    when 'weekly' then interval '8 days'
    when 'monthly' then interval '1 month 3 days'
    when 'quarterly' then interval '3 months 9 days'
    when 'yearly' then interval '1 year 36 days'
  end) at time zone 'UTC'
$$;
create index dataset_update_due
  on catalog.dataset (organisation_id, catalog.update_due(update_cycle, modified, published_at), id)
  where state = 'published' and catalog.update_due(update_cycle, modified, published_at) is not null;

-- review: who looked at which version of an entry, what they said, and the clocks they were under.
create schema review;

create table review.submission (
  id int generated always as identity primary key,
  uid uuid not null unique default gen_random_uuid(),
  -- No foreign key: what was said about a draft stays when the draft is removed.
  dataset_id int not null,
  dataset_uid uuid not null,
  organisation_id int not null references security.organisation,
  kind text not null check (kind in ('publication', 'retirement')),
  state text not null check (state in ('dept_review', 'centre_review', 'returned', 'refused', 'withdrawn', 'approved')),
  -- The stages of the profile when it was submitted, and the one that decides or decided last.
  stages text[] not null,
  stage text not null,
  -- Counts the steps: who decides says which one was seen.
  revision int not null default 1,
  -- The version under review, and the published one it would replace.
  version int not null,
  base_version int,
  title text not null,
  language text not null,
  -- Secrecy and personal information: result and note of each, who assessed, when.
  assessment jsonb,
  submitted_by int not null references security.person,
  submitted_by_name text not null,
  submitted_at timestamptz not null,
  -- Everybody who wrote on the draft: none of them decides about it.
  authors int[] not null,
  -- Of the clock that runs now: the queue is in this order.
  due_at timestamptz,
  remind_at timestamptz,
  changed_at timestamptz not null
);
create unique index submission_open on review.submission (dataset_id)
  where state in ('dept_review', 'centre_review', 'returned');
create index submission_dataset on review.submission (dataset_uid, id);
create index submission_queue on review.submission (coalesce(due_at, 'infinity'), id)
  where state in ('dept_review', 'centre_review', 'returned');
create index submission_body on review.submission (organisation_id, coalesce(due_at, 'infinity'), id);
create index submission_person on review.submission (submitted_by, id);
create index submission_ended on review.submission (id) where state in ('refused', 'withdrawn', 'approved');

create table review.opinion (
  id int generated always as identity primary key,
  submission_id int not null references review.submission,
  at timestamptz not null,
  person_id int not null references security.person,
  person_name text not null,
  stage text not null,
  step text not null check (step in ('submit', 'complete', 'agree', 'return', 'refuse', 'withdraw')),
  from_state text,
  to_state text not null,
  version int not null,
  text text,
  assessment jsonb
);
create index opinion_submission on review.opinion (submission_id, id);

create function review.keep_opinions() returns trigger language plpgsql as $$
begin
  raise exception 'opinions are kept as they were given';
end $$;
create trigger opinion_kept before update or delete or truncate on review.opinion
  for each statement execute function review.keep_opinions();

create table review.clock (
  id int generated always as identity primary key,
  submission_id int not null references review.submission,
  -- A stage of the review, or the completion of what was returned.
  stage text not null,
  started_at timestamptz not null,
  days int not null,
  unit text not null,
  basis text not null,
  evidence text not null,
  policy_version text not null,
  due_at timestamptz not null,
  remind_at timestamptz not null,
  -- Set while the clock stands still; finished pauses as [{from, to}].
  paused_at timestamptz,
  pauses jsonb not null default '[]',
  reminded_at timestamptz,
  breached_at timestamptz,
  ended_at timestamptz
);
create index clock_submission on review.clock (submission_id, id);
create index clock_running on review.clock (due_at)
  where ended_at is null and paused_at is null and breached_at is null;
