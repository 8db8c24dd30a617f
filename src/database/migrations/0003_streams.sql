-- Up Migration

-- How far each stream of a message broker has been stored, and who reads it. A batch moves the offset on in its
-- own transaction, and only from where the batch before left it, so that nothing of a stream is stored out of
-- order, nor by two readers.
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
