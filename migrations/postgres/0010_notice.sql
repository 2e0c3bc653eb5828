-- notice: what people are told in the product and by e-mail.

create schema notice;

-- What a person wants by e-mail; without a row the defaults of notice/setting.schema.ts hold.
create table notice.setting (
  person_id int primary key references security.person on delete cascade,
  mail text not null check (mail in ('never', 'each', 'daily')),
  -- Language of the mails; null: that of the account, else that of the profile.
  language text,
  changed_at timestamptz not null default now()
);

-- One message to one person: notices put together. A row is claimed by moving `next_attempt_at` on, so that
-- the mail of a process that died is tried again by another one.
create table notice.mail (
  id bigint generated always as identity primary key,
  person_id int not null references security.person on delete cascade,
  -- Message-ID: the same in every attempt, so that a server that took it twice can tell.
  uid uuid not null default gen_random_uuid(),
  -- Day of a digest, in the time zone of the profile.
  digest_on date,
  state text not null default 'waiting' check (state in ('waiting', 'sent', 'failed', 'dropped')),
  attempts int not null default 0,
  next_attempt_at timestamptz not null,
  created_at timestamptz not null,
  ended_at timestamptz,
  -- What the mail server said last; never an address or a password.
  error text
);
create unique index mail_one_digest_a_day on notice.mail (person_id, digest_on) where digest_on is not null;
create index mail_waiting on notice.mail (next_attempt_at) where state = 'waiting';
create index mail_created on notice.mail (created_at);

create table notice.notice (
  id bigint generated always as identity primary key,
  person_id int not null references security.person on delete cascade,
  -- A kind of notice/kind.schema.ts.
  kind text not null,
  params jsonb not null,
  -- A path of the web UI.
  link text not null,
  object_kind text not null,
  object_id text not null,
  -- Said once to a person, however often it is written.
  dedupe text,
  created_at timestamptz not null default clock_timestamp(),
  read_at timestamptz,
  -- How it is to be mailed; null: not, or it is in a mail already.
  mail text check (mail in ('each', 'daily')),
  mail_id bigint references notice.mail on delete set null
);
create unique index notice_dedupe on notice.notice (person_id, dedupe) where dedupe is not null;
create index notice_person on notice.notice (person_id, id);
create index notice_unread on notice.notice (person_id, id) where read_at is null;
create index notice_to_mail on notice.notice (mail, person_id, id) where mail is not null;
create index notice_mail on notice.notice (mail_id) where mail_id is not null;
create index notice_created on notice.notice (created_at);
