import { sleep } from '../time.ts';

/** Milliseconds after its last question for which somebody is taken to ask further ones. */
const STILL_ASKING = 50;
/** Milliseconds. An export reads 256 kB between two pauses, which takes PostgreSQL about 5 ms. */
const PAUSE = 20;

/**
 * Lets long work in the background give way to questions. Both need the processors of the database, which serves whoever
 * sends. So the work reads on in small pieces while questions are asked, and at full speed while none are.
 */
export class GiveWay {
  #running = 0;
  #askedUntil = Number.NEGATIVE_INFINITY;

  /** Notes that a question begins. @returns a function to call once at its end */
  begin(): () => void {
    this.#running++;
    return () => {
      this.#running--;
      this.#askedUntil = performance.now() + STILL_ASKING;
    };
  }

  /** Between two pieces of the work: a pause while questions are asked, or nothing to wait for. */
  pause(): Promise<void> | undefined {
    const isAsked = this.#running > 0 || performance.now() < this.#askedUntil;
    return isAsked ? sleep(PAUSE) : undefined;
  }
}
