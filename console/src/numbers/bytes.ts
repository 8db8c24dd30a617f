import { digits, MISSING } from './locale.ts';

const STEP = 1_000;
const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** A size: `512 byte`, `1.2 MB`. */
export function bytes(size: number | null | undefined): string {
  if (size == null) return MISSING;
  let value = size;
  let unit = 0;
  while (Math.round(value * 10) / 10 >= STEP && unit < units.length - 1) {
    value /= STEP;
    unit += 1;
  }
  return digits(value, {
    style: 'unit',
    unit: units[unit] ?? 'byte',
    maximumFractionDigits: unit === 0 || value >= 100 ? 0 : 1,
  });
}
