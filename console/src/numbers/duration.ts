import { digits, MISSING } from './locale.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A duration: `820 ms`, `12.4 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(milliseconds: number | null | undefined): string {
  if (milliseconds == null) return MISSING;
  // Rounded first, so that 999.6 ms is one second and not 1,000 ms.
  if (Math.round(milliseconds) < SECOND) {
    return `${digits(milliseconds, { maximumFractionDigits: milliseconds < 10 ? 1 : 0 })} ms`;
  }
  if (milliseconds < MINUTE - SECOND / 20) {
    return `${digits(milliseconds / SECOND, { minimumFractionDigits: 1, maximumFractionDigits: 1 })} s`;
  }
  if (Math.round(milliseconds / SECOND) < HOUR / SECOND)
    return inTwo(milliseconds, [MINUTE, 'min'], [SECOND, 's']);
  return inTwo(milliseconds, [HOUR, 'h'], [MINUTE, 'min']);
}

function inTwo(
  milliseconds: number,
  [large, ofLarge]: [number, string],
  [small, ofSmall]: [number, string],
): string {
  const rounded = Math.round(milliseconds / small) * small;
  const rest = (rounded % large) / small;
  const whole = `${digits(Math.floor(rounded / large))} ${ofLarge}`;
  return rest === 0 ? whole : `${whole} ${digits(rest)} ${ofSmall}`;
}

/** The same with all digits, for titles. */
export function exactDuration(milliseconds: number | null | undefined): string {
  return milliseconds == null ? MISSING : `${digits(milliseconds, { maximumFractionDigits: 3 })} ms`;
}
