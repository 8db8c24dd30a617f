import { expect, onTestFinished } from 'vitest';
import { MINUTE } from '../../../src/time.ts';
import type { TestDatabase } from '../database/database.ts';

/** A write of the service. */
export interface Step {
  table: string;
  writes: 'insert' | 'update';
  /** A condition on `new` that selects the rows. */
  rows: string;
  /** Where to wait: before the row is written, or at commit with the whole transaction written. */
  at: 'write' | 'commit';
}

/** A step at which every session waits. */
export interface HeldStep {
  /** Returns once a session waits there. */
  reached(): Promise<void>;
  /** Ends the waiting sessions and rolls back their transactions. */
  undo(): Promise<void>;
  /** Lets the sessions go on, even without their client: a session that waits at commit commits. */
  letThrough(): Promise<void>;
}

const LOCK = 5_071;
const patience = { timeout: MINUTE, interval: 20 };

// A session without its client goes on as usual, until the test has decided what becomes of it.
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

/** Makes every session wait at a step, through a trigger that waits for a lock of the test. */
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
  // A failed test must leave no trigger to the next one.
  onTestFinished(undo);
  return {
    async reached() {
      await expect.poll(async () => (await waiting()).length, patience).toBeGreaterThan(0);
    },
    undo,
    letThrough: () => end(() => holder.query('select pg_advisory_unlock($1)', [LOCK])),
  };
}
