import { earliestDue, evaluationLag } from '../alerts/observing/evaluation-lag.ts';
import { backlogOf } from '../notifications/outbox/outbox.ts';
import { rollupLag } from '../rollups/rollup-lag.ts';
import { SECOND, sleep } from '../time.ts';
import type { AppContext } from './app-context.ts';
import type { Stores } from './stores.ts';

const INTERVAL = 5 * SECOND;

/**
 * Every process reports how long alert rules and notices have been due, and how far roll-ups are behind. The processes that
 * do this work may all be down, or wait for a lock. While the database does not answer, no rule is evaluated, and the lag
 * of evaluation grows from the last known due time.
 */
export function startObservingLags(
  { clock, log, metrics, onStop }: Pick<AppContext, 'clock' | 'log' | 'metrics' | 'onStop'>,
  { readPool }: Pick<Stores, 'readPool'>,
): void {
  const ended = new AbortController();
  let known = { due: null as number | null, at: clock.now() };
  metrics.observeEvaluationLag(() => {
    const now = clock.now();
    return evaluationLag(known.due, now - known.at > 2 * INTERVAL ? now : known.at);
  });
  // Each by itself: what one waits for, such as a lock, must not hold up the other.
  const repeat = async (read: () => Promise<void>) => {
    while (!ended.signal.aborted) {
      try {
        await read();
      } catch (error) {
        log.debug({ err: error }, 'could not read how far rules, notices or roll-ups are behind');
      }
      await sleep(INTERVAL, ended.signal);
    }
  };
  const observing = [
    repeat(async () => {
      const now = clock.now();
      known = { due: await earliestDue(readPool, { builtIn: true, now }), at: now };
    }),
    repeat(async () => metrics.setOutbox(await backlogOf(readPool, new Date(clock.now())))),
    repeat(async () => metrics.rollupLagSeconds.set(await rollupLag(readPool))),
  ];
  onStop(async () => {
    ended.abort();
    await Promise.all(observing);
  });
}
