/** Slots at the start; always a power of two. */
const FIRST_SLOTS = 1_024;

/**
 * Counts how often each content of a file has occurred. A content takes 12 bytes in a table that is half full at least,
 * because a map of a hundred million rows would not fit into memory. Two contents with the same first 8 bytes of their
 * hash share a count; among a hundred million contents that has a probability of about 0.0003.
 */
export class Occurrences {
  #slots = FIRST_SLOTS;
  #high = new Uint32Array(FIRST_SLOTS);
  #low = new Uint32Array(FIRST_SLOTS);
  /** 0 for a free slot. */
  #counts = new Uint32Array(FIRST_SLOTS);
  #used = 0;

  /** Counts one more occurrence. @returns its number, from 1 */
  next(hash: Buffer): number {
    if (2 * this.#used >= this.#slots) this.#grow();
    const high = hash.readUInt32BE(0);
    const low = hash.readUInt32BE(4);
    const slot = this.#slotOf(high, low);
    if (this.#counts[slot] === 0) {
      this.#high[slot] = high;
      this.#low[slot] = low;
      this.#used++;
    }
    return this.#add(slot, 1);
  }

  #add(slot: number, more: number): number {
    const count = (this.#counts[slot] ?? 0) + more;
    this.#counts[slot] = count;
    return count;
  }

  /** The slot of a content, or the free slot that it would get. */
  #slotOf(high: number, low: number): number {
    const mask = this.#slots - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      if (this.#counts[slot] === 0 || (this.#high[slot] === high && this.#low[slot] === low)) return slot;
    }
  }

  #grow(): void {
    const [high, low, counts] = [this.#high, this.#low, this.#counts];
    this.#slots *= 2;
    this.#high = new Uint32Array(this.#slots);
    this.#low = new Uint32Array(this.#slots);
    this.#counts = new Uint32Array(this.#slots);
    for (let old = 0; old < counts.length; old++) {
      const count = counts[old] ?? 0;
      if (count === 0) continue;
      const slot = this.#slotOf(high[old] ?? 0, low[old] ?? 0);
      this.#high[slot] = high[old] ?? 0;
      this.#low[slot] = low[old] ?? 0;
      this.#add(slot, count);
    }
  }
}
