/** What waits for its place in a turn of the event loop. */
interface Waiting {
  /** The part of a turn that it takes. */
  share: number;
  start(): void;
}

/**
 * Shares the event loop, in which only one piece of work runs at a time, between owners. Each turn of the loop has room
 * for about a millisecond of work. What finds no room waits for a later turn, in a queue of its owner, and the owners take
 * places in rotation. So turns stay short, and work of an owner that has much of it delays others by one piece.
 */
export class LoopTurns {
  /** In the order of the rotation: an owner that got a place goes to the end. */
  readonly #queues = new Map<string, Waiting[]>();
  /** The part of this turn that is free. The last piece may exceed it. */
  #room = 1;
  #isScheduled = false;

  /**
   * Waits for a place in a turn of the loop, or takes one at once. The work must follow directly.
   * @param share the part of a turn that the work takes; 1 is about a millisecond
   */
  take(owner: string, share: number): Promise<void> | undefined {
    this.#schedule();
    if (this.#room > 0 && this.#queues.size === 0) {
      this.#room -= share;
      return undefined;
    }
    return new Promise((start) => {
      const queue = this.#queues.get(owner);
      if (queue) queue.push({ share, start });
      else this.#queues.set(owner, [{ share, start }]);
    });
  }

  /** Once for each turn in which work began or waits. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#room = 1;
      this.#startWaiting();
    });
  }

  #startWaiting(): void {
    while (this.#room > 0) {
      const [first] = this.#queues;
      if (first === undefined) return;
      const [owner, queue] = first;
      const next = queue.shift();
      this.#queues.delete(owner);
      if (queue.length > 0) this.#queues.set(owner, queue);
      if (next === undefined) continue;
      this.#room -= next.share;
      next.start();
    }
    if (this.#queues.size > 0) this.#schedule();
  }
}
