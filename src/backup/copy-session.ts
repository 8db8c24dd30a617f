import type { PoolClient } from 'pg';

/**
 * What the text of a backup depends on, and no time limits: a table may take long, and so may a slow disk. For the
 * transaction only, so that it works behind a pooler.
 */
const SETTINGS = {
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  bytea_output: 'hex',
  extra_float_digits: '1',
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  tcp_user_timeout: '0',
};

/** Prepares a transaction for reading or writing the text of a backup. */
export async function copySession(client: PoolClient): Promise<void> {
  const names = Object.keys(SETTINGS);
  await client.query(
    `select ${names.map((_, index) => `set_config($${2 * index + 1}, $${2 * index + 2}, true)`).join(', ')}`,
    Object.entries(SETTINGS).flat(),
  );
}
