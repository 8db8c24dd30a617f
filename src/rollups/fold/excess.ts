/** What was paid for an order, or given back: one event. */
export interface OrderEntry {
  /** Milliseconds. */
  at: number;
  /** What was paid; below 0, what was given back. Ten-thousandths of the minor unit. */
  amount: bigint;
}

/** A refund or cancellation that gave back more than was left of its order, and by how much. */
export interface Excess {
  at: number;
  amount: bigint;
}

/**
 * What refunds and cancellations of one order give back beyond what was paid for it. It depends on the entries and not
 * on the order in which they arrived. Without a completed event nobody knows what was paid, and nothing is in excess.
 */
export function excessOf(entries: readonly OrderEntry[]): Excess[] {
  const paid = entries.filter(({ amount }) => amount >= 0n);
  if (paid.length === 0) return [];
  let left = paid.reduce((sum, { amount }) => sum + amount, 0n);
  const found: Excess[] = [];
  // Of several at one time, the smallest comes first; `reconcile` has the same rule.
  const reversals = entries.filter(({ amount }) => amount < 0n);
  for (const { at, amount } of reversals.sort((a, b) => a.at - b.at || (a.amount > b.amount ? -1 : 1))) {
    const givenBack = -amount;
    const covered = givenBack < left ? givenBack : left;
    left -= covered;
    if (givenBack > covered) found.push({ at, amount: givenBack - covered });
  }
  return found;
}
