import { earliestDue, evaluationLag } from '../alerts/observing/evaluation-lag.ts';
import { SECOND, sleep } from '../time.ts';
import type { Ground } from './ground.ts';
import type { Stores } from './stores.ts';

const EVERY = 5 * SECOND;

/**
 * Lets every process tell how long rules have been due, whatever those that evaluate do: it may be that none lives to
 * tell. While the database does not answer nobody evaluates, and what was to come next is waited for.
 */
export function startObservingEvaluation(
  { clock, log, metrics, onStop }: Pick<Ground, 'clock' | 'log' | 'metrics' | 'onStop'>,
  { readPool }: Pick<Stores, 'readPool'>,
): void {
  const ended = new AbortController();
  let known = { due: null as number | null, at: clock.now() };
  metrics.observeEvaluationLag(() => {
    const now = clock.now();
    return evaluationLag(known.due, now - known.at > 2 * EVERY ? now : known.at);
  });
  const observe = async () => {
    while (!ended.signal.aborted) {
      try {
        const due = await earliestDue(readPool, { builtIn: true });
        known = { due, at: clock.now() };
      } catch (error) {
        log.debug({ err: error }, 'how long alert rules have been due could not be read');
      }
      await sleep(EVERY, ended.signal);
    }
  };
  const observing = observe();
  onStop(async () => {
    ended.abort();
    await observing;
  });
}
