import { expect, onTestFinished } from 'vitest';
import { MINUTE } from '../../../src/time.ts';
import type { TestDatabase } from '../database/database.ts';

/** Something that the service writes. */
export interface Step {
  table: string;
  writes: 'insert' | 'update';
  /** Of which rows: a condition on `new`. */
  rows: string;
  /** Where to wait: before the row is written, or with all of the transaction written, as it commits. */
  at: 'write' | 'commit';
}

/** A step at which whoever comes waits. */
export interface HeldStep {
  /** Returns once somebody waits there. */
  reached(): Promise<void>;
  /** Ends the sessions that wait, and with them what they have not committed. */
  undo(): Promise<void>;
  /** Lets them go on, though their client may be gone: what waits as it commits is committed. */
  letThrough(): Promise<void>;
}

const LOCK = 5_071;
const patience = { timeout: MINUTE, interval: 20 };

// A session whose client is gone goes on as if it were there, until the test has decided what becomes of it.
const WAIT = `
  create or replace function analytics.wait_for_the_test() returns trigger language plpgsql as $$
  begin
    perform set_config('client_connection_check_interval', '0', true);
    perform pg_advisory_xact_lock_shared(${LOCK});
    return new;
  end $$`;

function triggerOf({ table, writes, rows, at }: Step): string {
  return at === 'write'
    ? `create trigger held before ${writes} on ${table}
       for each row when (${rows}) execute function analytics.wait_for_the_test()`
    : `create constraint trigger held after ${writes} on ${table} deferrable initially deferred
       for each row when (${rows}) execute function analytics.wait_for_the_test()`;
}

const WAITING = `
  select l.pid from pg_locks l join pg_database d on d.oid = l.database
  where l.locktype = 'advisory' and l.objid = ${LOCK} and not l.granted and d.datname = current_database()`;

/** Makes whoever comes to a step wait there: by a trigger that waits for a lock which the test holds. */
export async function holdStep({ pool }: TestDatabase, step: Step): Promise<HeldStep> {
  const holder = await pool.connect();
  await holder.query('select pg_advisory_lock($1)', [LOCK]);
  await holder.query(WAIT);
  await holder.query(triggerOf(step));

  const waiting = async (): Promise<number[]> =>
    (await pool.query<{ pid: number }>(WAITING)).rows.map(({ pid }) => pid);
  const gone = (pids: number[]) =>
    expect
      .poll(
        async () =>
          (await pool.query('select from pg_stat_activity where pid = any($1::int[])', [pids])).rowCount,
        patience,
      )
      .toBe(0);
  let ended = false;
  const end = async (how: (pids: number[]) => Promise<unknown>): Promise<void> => {
    if (ended) return;
    ended = true;
    const pids = await waiting();
    await how(pids);
    await gone(pids);
    await holder.query(`drop trigger held on ${step.table}`);
    holder.release(true);
  };
  const undo = () =>
    end((pids) => pool.query('select pg_terminate_backend(pid) from unnest($1::int[]) as pid', [pids]));
  // A test that fails leaves no trap to the next one.
  onTestFinished(undo);
  return {
    async reached() {
      await expect.poll(async () => (await waiting()).length, patience).toBeGreaterThan(0);
    },
    undo,
    letThrough: () => end(() => holder.query('select pg_advisory_unlock($1)', [LOCK])),
  };
}
