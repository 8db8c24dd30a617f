import { valueOfBin } from '../events/sketch-bin.ts';
import { MINUTE } from '../time.ts';

const MINUTES = 5;

/** How many values each bin holds, minute by minute, of the last five minutes. */
export class LatencyWindow {
  readonly #minutes: { minute: number; bins: Map<number, number> }[] = [];

  /** @param now milliseconds */
  add(bin: number, now: number): void {
    const minute = Math.floor(now / MINUTE);
    let last = this.#minutes.at(-1);
    if (last?.minute !== minute) {
      last = { minute, bins: new Map() };
      this.#minutes.push(last);
      this.#forget(minute);
    }
    last.bins.set(bin, (last.bins.get(bin) ?? 0) + 1);
  }

  /** The value of the rank of each share, in microseconds and within 1 %; none where nothing was added in time. */
  quantiles(shares: readonly number[], now: number): number[] | undefined {
    this.#forget(Math.floor(now / MINUTE));
    const counts = new Map<number, number>();
    let total = 0;
    for (const { bins } of this.#minutes) {
      for (const [bin, count] of bins) {
        counts.set(bin, (counts.get(bin) ?? 0) + count);
        total += count;
      }
    }
    if (total === 0) return undefined;
    const sorted = [...counts].sort(([a], [b]) => a - b);
    return shares.map((share) => {
      let seen = 0;
      const found = sorted.find(([, count]) => {
        seen += count;
        return seen >= share * total - 1e-9;
      });
      return valueOfBin((found ?? sorted.at(-1) ?? [0])[0]);
    });
  }

  #forget(minute: number): void {
    while ((this.#minutes[0]?.minute ?? minute) <= minute - MINUTES) this.#minutes.shift();
  }
}
