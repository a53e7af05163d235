-- Times are milliseconds since 1970. What ends in _key is what searches compare: lower case.
create table message (
  id varchar(16) not null primary key,
  queued_at bigint not null,
  content_bytes bigint not null,
  sender varchar(2000) not null,
  sender_key varchar(2000) not null,
  held boolean not null
);
create index message_by_sender on message (sender_key, id);

create table recipient (
  id varchar(16) not null,
  number integer not null,
  address varchar(2000) not null,
  address_key varchar(2000) not null,
  domain varchar(300) not null,
  destination varchar(2000) not null,
  held boolean not null,
  due bigint not null,
  attempts integer not null,
  last_reply varchar(2000),
  primary key (id, number)
);
create index recipient_by_due on recipient (destination, held, due, id, number);
create index recipient_by_address on recipient (address_key, id);
create index recipient_by_domain on recipient (domain, id);

-- How many recipients wait, those of held messages apart: counting them would take as long as the queue is.
create table destination (
  name varchar(2000) not null primary key,
  waiting bigint not null
);
