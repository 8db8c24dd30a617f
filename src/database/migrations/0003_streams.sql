-- Up Migration

-- The stored offset and the reader of each stream of a message broker. A batch advances the offset in its own
-- transaction, and only from the offset of the batch before. So no message is stored out of order or by two readers.
create table analytics.streams (
  stream text collate "C" primary key,
  stored_offset bigint not null,
  reader text not null,
  reader_until timestamptz not null
);
comment on column analytics.streams.stored_offset is 'Offset of the last message stored; -1 before the first';

alter table analytics.ingestion_batches
  add column stream text collate "C",
  add check ((stream is null) = (stream_offset is null));
comment on column analytics.ingestion_batches.stream_offset is 'Offset of the last message of the batch';

-- Down Migration

alter table analytics.ingestion_batches drop column stream;
comment on column analytics.ingestion_batches.stream_offset is null;
drop table analytics.streams;
