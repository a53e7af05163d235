-- Times are milliseconds since 1970. What ends in _key is what searches compare: lower case.
create table message (
  id varchar(16) not null,
  queued_at bigint not null,
  content_bytes bigint not null,
  -- How long the spool entry was when these rows agreed with it, or 0: an entry of another length has to be read.
  entry_bytes bigint not null,
  -- Which recipients had rows then: a digest of their numbers. A power cut may take some of them, and leave this.
  recipients bigint not null,
  sender varchar(2000) not null,
  sender_key varchar(2000) not null,
  held boolean not null
);

create table recipient (
  id varchar(16) not null,
  number integer not null,
  address varchar(2000) not null,
  address_key varchar(2000) not null,
  domain varchar(300) not null,
  destination varchar(2000) not null,
  held boolean not null,
  due bigint not null,
  queued_at bigint not null,
  -- What the sender has heard: 0 nothing, 1 that it takes long, 2 there is no sender.
  told integer not null,
  -- How urgent the message is, from -9 to 9.
  priority integer not null,
  attempts integer not null,
  last_reply varchar(2000)
);

-- When something has to happen with a message: most have no row here.
create table moment (
  id varchar(16) not null,
  -- What its sender wants it delivered by, or null.
  deadline bigint,
  -- When it may be sent on, or null.
  release bigint,
  -- Whose quota of messages that are to be sent on later it counts for.
  account varchar(2000) not null
);

-- The priorities that messages have or had, besides 0.
create table urgency (
  priority integer primary key
);

-- Where mail for a host part goes, and how many recipients wait: counting them would take as long as the queue is.
create table domain (
  name varchar(300) not null,
  destination varchar(2000) not null,
  waiting bigint not null,
  held bigint not null,
  primary key (name, destination)
);
