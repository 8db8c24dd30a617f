import { evaluationLag } from '../alerts/evaluation-lag.ts';
import { SECOND, sleep } from '../time.ts';
import type { Ground } from './ground.ts';
import type { Stores } from './stores.ts';

const EVERY = 5 * SECOND;

/** Lets a process that evaluates no rules tell how long they have been due: it may be that no other lives to tell. */
export const startObservingEvaluation = (
  { clock, log, metrics, onStop }: Ground,
  { readPool }: Pick<Stores, 'readPool'>,
): void => {
  const ended = new AbortController();
  const observe = async () => {
    while (!ended.signal.aborted) {
      try {
        const lag = await evaluationLag(readPool, clock.now(), { builtIn: true });
        metrics.alertEvaluationLagSeconds.set(lag);
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
};
