-- Up Migration

-- Alert rules look again at windows whose events arrived after the window had ended. Few batches have such events.
create index ingestion_batches_behind on analytics.ingestion_batches (completed_at)
  where completed_at - occurred_from > interval '1 min';

-- Down Migration

drop index analytics.ingestion_batches_behind;
