/** What waits, in the terms of the order. */
interface Measures<T> {
  ownerOf(item: T): string;
  /** How much of a batch it fills. */
  sizeOf(item: T): number;
}

/**
 * Takes items for one batch, fairly: each time the oldest item of the owner that has the least in the batch so far. So a
 * batch holds something of every owner that waits, before it holds more of one with a long queue.
 * @param waiting the oldest first
 * @param limit the size from which a batch is full; an item is never split, so the last one may exceed it
 * @returns the batch and the rest, each with the items of one owner in their order
 */
export function takeFairly<T>(
  waiting: readonly T[],
  limit: number,
  { ownerOf, sizeOf }: Measures<T>,
): { batch: T[]; rest: T[] } {
  const queues = new Map<string, T[]>();
  for (const item of waiting) {
    const queue = queues.get(ownerOf(item));
    if (queue) queue.push(item);
    else queues.set(ownerOf(item), [item]);
  }
  const [only] = queues.values();
  if (only !== undefined && queues.size === 1) return upTo(only, limit, sizeOf);

  const inBatch = new Map<string, number>();
  const taken = new Set<T>();
  let size = 0;
  while (size < limit && queues.size > 0) {
    // One pass serves every owner that has the least, so owners of equal items cost one pass for each item.
    const least = Math.min(...[...queues.keys()].map((owner) => inBatch.get(owner) ?? 0));
    for (const [owner, queue] of queues) {
      const had = inBatch.get(owner) ?? 0;
      if (had > least || size >= limit) continue;
      const item = queue[0] as T;
      queue.shift();
      if (queue.length === 0) queues.delete(owner);
      inBatch.set(owner, had + Math.max(1, sizeOf(item)));
      size += sizeOf(item);
      taken.add(item);
    }
  }
  return { batch: [...taken], rest: waiting.filter((item) => !taken.has(item)) };
}

/** The oldest items up to the limit: with one owner there is nobody to be fair to. */
function upTo<T>(items: readonly T[], limit: number, sizeOf: (item: T) => number): { batch: T[]; rest: T[] } {
  let size = 0;
  let end = 0;
  for (; end < items.length && size < limit; end++) size += sizeOf(items[end] as T);
  return { batch: items.slice(0, end), rest: items.slice(end) };
}
