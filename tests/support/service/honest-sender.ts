import { sleep } from '../../../src/time.ts';
import { type UsageEvent, usageMaker } from '../events/fixtures.ts';

interface SenderOptions {
  seed: number;
  /** The URL to send to, called for every request. */
  origin(): string;
  token: string;
  /** Whether unacknowledged events are sent again until they are acknowledged. */
  persistent: boolean;
  /** Milliseconds from an answer to the next submission; 0 by default. */
  pause?: number;
  /** Turns a generated event into the event to send. */
  shape(event: UsageEvent, position: number): UsageEvent;
}

export interface Sender {
  /** Ids of events that were acknowledged as stored. */
  acknowledged: Set<string>;
  /** Ids that may or may not be stored: sent, and never acknowledged. */
  unknown: Set<string>;
  /** Number of events that the answers counted as stored. */
  stored: number;
  /** Codes of the problems in other answers. */
  problems: Set<string>;
  /** When the last acknowledged submission began, on the clock of `performance.now()`. */
  lastSuccess: number;
  /** Returns when everything that has to be acknowledged is. */
  stop(): Promise<void>;
}

/** After this time a caller takes the answer for lost. */
const PATIENCE_MS = 20_000;
const MOST_EVENTS = 150;
/** One of this many acknowledged submissions is sent once more. */
const REPEAT_EVERY = 7;

/**
 * Sends submissions one after another, and remembers the acknowledged ones. Now and then it repeats an
 * acknowledged submission, as a forgetful caller would.
 */
export function startSender({ seed, origin, token, persistent, pause = 0, shape }: SenderOptions): Sender {
  const makeUsage = usageMaker(seed);
  const sender = {
    acknowledged: new Set<string>(),
    unknown: new Set<string>(),
    stored: 0,
    problems: new Set<string>(),
    lastSuccess: 0,
  };
  let stopping = false;

  const submit = async (events: readonly UsageEvent[]): Promise<boolean> => {
    const began = performance.now();
    try {
      const response = await fetch(`${origin()}/analytics/v1/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(events),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const answer = await response.json();
      if (response.status !== 200) {
        sender.problems.add(`${response.status} ${(answer as { code?: string }).code}`);
        return false;
      }
      const { received, stored, duplicates } = answer as Record<string, number>;
      if (received !== events.length || (stored ?? 0) + (duplicates ?? 0) !== received)
        throw new RangeError(`an answer that does not add up: ${JSON.stringify(answer)}`);
      sender.stored += stored ?? 0;
      sender.lastSuccess = began;
      return true;
    } catch (error) {
      if (error instanceof RangeError) throw error;
      return false;
    }
  };

  const send = async (events: readonly UsageEvent[]): Promise<void> => {
    const ids = events.map(({ eventId }) => eventId);
    for (const id of ids) sender.unknown.add(id);
    let done = await submit(events);
    while (!done && persistent) {
      await sleep(50);
      done = await submit(events);
    }
    if (!done) return sleep(50);
    for (const id of ids) {
      sender.unknown.delete(id);
      sender.acknowledged.add(id);
    }
  };

  const run = async (): Promise<void> => {
    let acknowledged: readonly UsageEvent[] = [];
    for (let submission = 1; !stopping; submission++) {
      const size = 1 + ((submission * 37 + seed) % MOST_EVENTS);
      const events = Array.from({ length: size }, (_, position) => shape(makeUsage(), position));
      await send(events);
      if (events.every(({ eventId }) => sender.acknowledged.has(eventId))) acknowledged = events;
      if (pause > 0) await sleep(pause);
      if (submission % REPEAT_EVERY === 0 && acknowledged.length > 0) await submit(acknowledged);
    }
  };

  const running = run();
  return Object.assign(sender, {
    stop: () => {
      stopping = true;
      return running;
    },
  });
}
