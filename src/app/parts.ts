import type { Log } from '../telemetry/log.ts';
import { sleep } from '../time.ts';
import type { OnStop } from './ground.ts';

/** The parts of the service that have been started, and how they end: the last first, each once. `stop` never rejects. */
export function createParts(log: Log): { onStop: OnStop; stop(): Promise<void> } {
  const parts: Parameters<OnStop>[] = [];
  return {
    onStop: (...part) => void parts.push(part),
    async stop() {
      for (const [end, within] of parts.splice(0).reverse()) {
        const over = new AbortController();
        const ended = end()
          .catch((error) => log.error({ err: error }, 'a part of the service did not end well'))
          .finally(() => over.abort());
        // A timer that is left behind would keep the process going after everything has ended.
        await (within === undefined ? ended : sleep(within, over.signal));
      }
    },
  };
}
