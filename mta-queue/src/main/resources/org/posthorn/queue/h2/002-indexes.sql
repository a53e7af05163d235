-- Apart from the tables, because an empty index is filled without these, and they are made afterwards: four times as fast.
create unique index message_by_id on message (id);
create index message_by_sender on message (sender_key, id);
create index message_by_held on message (held, id);
create unique index recipient_by_id on recipient (id, number);
create index recipient_by_due on recipient (destination, held, priority, due, id, number);
create index recipient_by_address on recipient (address_key, id);
create index recipient_by_domain on recipient (domain, id);
create index recipient_by_age on recipient (destination, held, told, queued_at, id, number);
create unique index moment_by_id on moment (id);
create index moment_by_deadline on moment (deadline, id);
create index moment_by_release on moment (release, id);
create index moment_by_account on moment (account, release);
