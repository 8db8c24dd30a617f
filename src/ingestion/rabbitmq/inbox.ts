interface InboxOptions {
  /** The weight at which a batch is full. An item is never split. */
  fullWeight: number;
  /** The number of items at which a batch is full, since no more arrive until some are acknowledged. */
  maxItems: number;
  /** Milliseconds that an item waits for others. */
  maxWait: number;
}

interface Waiting<T> {
  item: T;
  weight: number;
  /** On the clock of `performance.now()`. */
  since: number;
}

/** Gathers items into batches, by weight or age, in the order in which they came. */
export class MessageInbox<T> {
  readonly #options: InboxOptions;
  #waiting: Waiting<T>[] = [];
  #weight = 0;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#waiting.length;
  }

  add(item: T, weight: number): void {
    this.#waiting.push({ item, weight, since: performance.now() });
    this.#weight += weight;
    if (this.#waiting.length === 1 || this.#isFull) this.#wake?.();
  }

  /** Drops the waiting items; a pending `take` returns `undefined`. */
  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#wake?.();
  }

  /** Resolves with the next batch once it is full or its oldest item has waited `maxWait`; `undefined` once closed. */
  async take(): Promise<T[] | undefined> {
    while (!this.#closed) {
      const oldest = this.#waiting[0];
      const rest = oldest ? oldest.since + this.#options.maxWait - performance.now() : undefined;
      if (this.#isFull || (rest !== undefined && rest <= 0)) return this.#cut();
      await this.#change(rest);
    }
    return undefined;
  }

  get #isFull(): boolean {
    return this.#weight >= this.#options.fullWeight || this.#waiting.length >= this.#options.maxItems;
  }

  #cut(): T[] {
    let weight = 0;
    let count = 0;
    for (const waiting of this.#waiting) {
      if (count > 0 && weight + waiting.weight > this.#options.fullWeight) break;
      weight += waiting.weight;
      count++;
    }
    this.#weight -= weight;
    return this.#waiting.splice(0, count).map(({ item }) => item);
  }

  #change(within: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = within === undefined ? undefined : setTimeout(() => this.#wake?.(), within);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
