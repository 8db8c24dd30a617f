import type { DropReason } from '../options.ts';

const REPORTED_EVERY = 1_000;

/** Tells of dropped events at most once a second, and of each of them. */
export class Drops {
  readonly #report: (count: number, reason: DropReason) => void;
  readonly #untold = new Map<DropReason, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Events that were dropped since the start. */
  total = 0;

  constructor(report: (count: number, reason: DropReason) => void) {
    this.#report = report;
  }

  add(count: number, reason: DropReason): void {
    if (count === 0) return;
    this.total += count;
    this.#untold.set(reason, (this.#untold.get(reason) ?? 0) + count);
    if (this.#timer === undefined) this.tell();
  }

  /** Tells what is not told yet, now. */
  tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#untold.size === 0) return;
    const told = [...this.#untold];
    this.#untold.clear();
    this.#timer = unref(setTimeout(() => this.tell(), REPORTED_EVERY));
    for (const [reason, count] of told) this.#report(count, reason);
  }
}

/** Lets the process end although the timer runs. Browsers and Workers have no such thing. */
export function unref(timer: ReturnType<typeof setTimeout>): ReturnType<typeof setTimeout> {
  (timer as { unref?: () => void }).unref?.();
  return timer;
}
