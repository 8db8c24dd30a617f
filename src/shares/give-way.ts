import { sleep } from '../time.ts';

/** Milliseconds. An export reads 256 kB between two pauses, which takes PostgreSQL about 5 ms. */
const LONGEST_PAUSE = 20;
/** Milliseconds of a pause for each millisecond in which questions ran since the pause before. */
const PAUSE_FOR_EACH = 4;

/**
 * Lets long work in the background give way to questions. Both need the processors of the database, which serves whoever
 * sends. So the work reads on in small pieces while questions are asked, and at full speed while none are. A question now
 * and then, such as one about the progress of the work, costs it next to nothing.
 */
export class GiveWay {
  readonly #now: () => number;
  #running = 0;
  #since = 0;
  #busy = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Notes that a question begins. @returns a function to call once at its end */
  begin(): () => void {
    if (this.#running++ === 0) this.#since = this.#now();
    return () => {
      if (--this.#running === 0) this.#busy += this.#now() - this.#since;
    };
  }

  /** The pause between two pieces of the work; nothing to wait for if hardly any question ran since the pause before. */
  pause(): Promise<void> | undefined {
    const length = this.takeLength();
    return length < 1 ? undefined : sleep(length);
  }

  /** @returns the milliseconds of the pause that is due; the next one is counted from now on */
  takeLength(): number {
    const now = this.#now();
    const busy = this.#busy + (this.#running > 0 ? now - this.#since : 0);
    this.#busy = 0;
    this.#since = now;
    return Math.min(LONGEST_PAUSE, PAUSE_FOR_EACH * busy);
  }
}
