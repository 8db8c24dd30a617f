/**
 * A capacity that many owners share, such as bytes of memory. An owner may hold as much as is still free for everybody:
 * its own amount stays at or below what nobody holds. One owner alone gets half of the capacity, two get a third each,
 * and so on, so a newcomer always finds room. This is the dynamic threshold with α = 1 of Choudhury and Hahne,
 * "Dynamic Queue Length Thresholds for Shared-Memory Packet Switches" (IEEE/ACM Transactions on Networking, 1998).
 */
export class SharedCapacity {
  readonly #capacity: number;
  readonly #held = new Map<string, number>();
  #total = 0;

  /** @param capacity the most that all owners hold together, in the unit of the amounts */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The amount that all owners hold together. */
  get total(): number {
    return this.#total;
  }

  /** The amount that nobody holds. */
  get free(): number {
    return this.#capacity - this.#total;
  }

  /** The amount that one owner holds. */
  heldBy(owner: string): number {
    return this.#held.get(owner) ?? 0;
  }

  /** Whether the owner may hold so much more now. */
  hasRoom(owner: string, amount: number): boolean {
    return this.heldBy(owner) + amount <= this.free;
  }

  /**
   * Holds an amount for an owner if there is room for it.
   * @param expected what the owner will soon ask for on top; without room for both, nothing is held
   * @returns whether it is held now
   */
  take(owner: string, amount: number, expected = 0): boolean {
    if (!this.hasRoom(owner, amount + expected)) return false;
    this.hold(owner, amount);
    return true;
  }

  /** Holds an amount for an owner whether or not there is room. */
  hold(owner: string, amount: number): void {
    this.#set(owner, this.heldBy(owner) + amount);
    this.#total += amount;
  }

  /** Gives back an amount that the owner holds. */
  release(owner: string, amount: number): void {
    this.#set(owner, this.heldBy(owner) - amount);
    this.#total -= amount;
  }

  #set(owner: string, amount: number): void {
    if (amount <= 0) this.#held.delete(owner);
    else this.#held.set(owner, amount);
  }
}
