import { digits, MISSING } from './locale.ts';

/** From here on a card shows "12.3K" instead of all digits. */
const COMPACT_FROM = 10_000;

/** A count on a card or an axis: `9,876`, `1.2M`. */
export function shortCount(count: number | null | undefined): string {
  if (count == null) return MISSING;
  if (Math.abs(count) < COMPACT_FROM) return exactCount(count);
  return digits(count, { notation: 'compact', maximumFractionDigits: 1 });
}

/** A count in a table, or the title of a short one: `1,234,567`. */
export function exactCount(count: number | null | undefined): string {
  return count == null ? MISSING : digits(count, { maximumFractionDigits: 20 });
}
