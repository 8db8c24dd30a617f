import { earliestDue, evaluationLag } from '../alerts/observing/evaluation-lag.ts';
import { SECOND, sleep } from '../time.ts';
import type { AppContext } from './app-context.ts';
import type { Stores } from './stores.ts';

const INTERVAL = 5 * SECOND;

/**
 * Every process reports how long alert rules have been due, because the processes that evaluate them may all be down.
 * While the database does not answer, no rule is evaluated, and the lag grows from the last known due time.
 */
export function startObservingEvaluation(
  { clock, log, metrics, onStop }: Pick<AppContext, 'clock' | 'log' | 'metrics' | 'onStop'>,
  { readPool }: Pick<Stores, 'readPool'>,
): void {
  const ended = new AbortController();
  let known = { due: null as number | null, at: clock.now() };
  metrics.observeEvaluationLag(() => {
    const now = clock.now();
    return evaluationLag(known.due, now - known.at > 2 * INTERVAL ? now : known.at);
  });
  const observe = async () => {
    while (!ended.signal.aborted) {
      try {
        const due = await earliestDue(readPool, { builtIn: true });
        known = { due, at: clock.now() };
      } catch (error) {
        log.debug({ err: error }, 'could not read how long alert rules have been due');
      }
      await sleep(INTERVAL, ended.signal);
    }
  };
  const observing = observe();
  onStop(async () => {
    ended.abort();
    await observing;
  });
}
