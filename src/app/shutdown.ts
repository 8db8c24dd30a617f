import type { Log } from '../telemetry/log.ts';
import { sleep } from '../time.ts';
import type { OnStop } from './app-context.ts';

/** Ends the parts of the service that have registered, the last one first, each once. `stop` never rejects. */
export function createShutdown(log: Log): { onStop: OnStop; stop(): Promise<void> } {
  const parts: Parameters<OnStop>[] = [];
  return {
    onStop: (...part) => void parts.push(part),
    async stop() {
      for (const [end, timeout] of parts.splice(0).reverse()) {
        const over = new AbortController();
        const ended = end()
          .catch((error) => log.error({ err: error }, 'a part of the service failed to stop'))
          .finally(() => over.abort());
        // The timer must end with the part: a timer that is left keeps the process alive.
        await (timeout === undefined ? ended : sleep(timeout, over.signal));
      }
    },
  };
}
