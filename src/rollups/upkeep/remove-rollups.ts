import type { Pool, PoolClient } from 'pg';
import { planWithout } from '../../database/extensions/plan-without.ts';
import { withTransaction } from '../../database/pool.ts';
import { catalogue } from '../../events/catalogue.ts';
import type { Log } from '../../telemetry/log.ts';
import { HOUR } from '../../time.ts';
import { isTakenIn } from '../folds.ts';
import { type Grain, grains, keptFor } from '../grains.ts';
import { foldsWrittenUpTo } from '../stored-up-to.ts';
import { noteRemoval } from './note-removal.ts';
import { removeInStretches } from './remove-by-time.ts';

interface RemoveOptions {
  pool: Pool;
  log: Log;
  /** Milliseconds since the epoch. */
  now: number;
}

/** Rollups of a grain that leave together. */
interface Leaving {
  grain: Grain;
  /** A condition over their series. */
  ofTypes: string;
  before: Date;
  /** Whether `analytics.removals` says so. */
  noted: boolean;
}

/** Removes the rollups of each grain that are past their time, once the next grain has taken them in. */
export async function removeRollups({ pool, log, now }: RemoveOptions): Promise<void> {
  for (const grain of grains) {
    const longer = keptLonger(grain);
    const others = ['true', ...longer.map(({ type }) => `type <> '${type}'`)].join(' and ');
    const leaving: Leaving[] = [
      // Noted for most types; of those kept longer there is more than it says.
      { grain, ofTypes: others, before: new Date(now - grain.keep), noted: true },
      ...longer.map(({ type, keep }) => ({
        grain,
        ofTypes: `type = '${type}'`,
        before: new Date(now - keep),
        noted: false,
      })),
    ];
    for (const some of leaving) {
      const rows = await removeLeaving(pool, some);
      if (rows > 0) log.info({ grain: grain.name, rows }, 'removed rollups past their time');
    }
  }
}

/** The types whose rollups of a grain are kept longer than most, and for how many milliseconds. */
function keptLonger(grain: Grain): { type: string; keep: number }[] {
  return catalogue
    .map(({ type }) => ({ type, keep: keptFor(grain, type) }))
    .filter(({ keep }) => keep > grain.keep);
}

function removeLeaving(pool: Pool, leaving: Leaving): Promise<number> {
  const { grain, before, noted } = leaving;
  return removeInStretches({
    before,
    step: Math.max(grain.width, HOUR),
    oldest: () => byIndex(pool, (client) => oldestOf(client, leaving)),
    remove: (from, to) => byIndex(pool, (client) => remove(client, leaving, from, to)),
    // Noted first: whoever reads while they go, or after a removal that stopped half-way, knows what to expect.
    ...(noted && { onFirst: () => noteRemoval(pool, grain.name, before) }),
  });
}

/**
 * Rows that begin before `$1`, looked for by each org and type (`s`) that there is, as the index has them. By time alone
 * each look reads every row of the grain: 33,600 pages of 1.3 million rows in place of 3,600.
 */
function dueRows({ grain, ofTypes }: Leaving, upTo: number | undefined) {
  return {
    orgsAndTypes: `(select distinct org_id, type from analytics.series where ${ofTypes}) as s`,
    condition: `r.org_id = s.org_id and r.type = s.type and r.grain = '${grain.name}' and r.bucket_start < $1
    and ${isTakenIn('r.fold_id', upTo)}`,
  };
}

async function oldestOf(client: PoolClient, leaving: Leaving): Promise<Date | null> {
  const { orgsAndTypes, condition } = dueRows(leaving, undefined);
  const { rows } = await client.query<{ oldest: Date | null }>(
    `select min(r.bucket_start) as oldest from analytics.rollups r, ${orgsAndTypes} where ${condition}`,
    [leaving.before],
  );
  return rows[0]?.oldest ?? null;
}

async function remove(client: PoolClient, leaving: Leaving, from: Date, to: Date): Promise<number> {
  const { orgsAndTypes, condition } = dueRows(leaving, await foldsWrittenUpTo(client));
  const { rowCount } = await client.query(
    `delete from analytics.rollups r using ${orgsAndTypes} where ${condition} and r.bucket_start >= $2`,
    [to, from],
  );
  return rowCount ?? 0;
}

/** The planner counts in what other types keep for longer, and to find so many would rather read all rows once. */
function byIndex<T>(pool: Pool, ask: (client: PoolClient) => Promise<T>): Promise<T> {
  return withTransaction(pool, async (client) => {
    await planWithout(client, ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin']);
    return ask(client);
  });
}
