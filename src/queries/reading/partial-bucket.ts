import type { ReadPlan } from './read-plan.ts';

/** Marks a bucket whose numbers are not those of all its time: the range cuts it, or it has not ended. */
export function partialOf(
  { boundaries, covered }: Pick<ReadPlan, 'boundaries' | 'covered'>,
  bucket: number,
  now: number,
): { partial?: true } {
  const [start = covered.start, end = covered.end] = boundaries.slice(bucket, bucket + 2);
  return start < covered.start || end > Math.min(covered.end, now) ? { partial: true } : {};
}
