import type { Pool } from 'pg';
import { bucketEnd, bucketStart, grainNamed } from '../../src/rollups/grains.ts';
import { differingColumns, reconcileDays } from '../../src/rollups/reconcile/days.ts';

const day = grainNamed('day');

/**
 * The number of an org's raw events and of those that only the books remember.
 * @param range milliseconds, widened to whole days
 * @throws where they differ from the rollups
 */
export async function bookedEvents(
  pool: Pool,
  orgId: string,
  range: { from: number; to: number },
): Promise<number> {
  const days = await reconcileDays(pool, {
    orgId,
    from: new Date(bucketStart(day, range.from)),
    to: new Date(bucketEnd(day, range.to)),
  });
  const wrong = days.find((each) => differingColumns(each).length > 0);
  if (wrong)
    throw new Error(`${orgId} on ${wrong.day.toISOString()}: ${differingColumns(wrong).join(', ')} differ`);
  return Number(days.reduce((sum, { raw }) => sum + raw.events, 0n));
}
