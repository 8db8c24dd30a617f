import { digits, MISSING } from './locale.ts';

const SPACE = '\u00A0';
const ONE_DIGIT = { minimumFractionDigits: 1, maximumFractionDigits: 1 };

/**
 * A share with one digit: `4.2 %`. A share that is not zero never looks like zero, and one that is not all never like all.
 * @param share 0 to 1; `null` is a share that is not known
 */
export function percent(share: number | null | undefined): string {
  if (share == null) return MISSING;
  const value = share * 100;
  if (value === 0 || value === 100) return `${digits(value)}${SPACE}%`;
  if (Math.abs(value) < 0.1) return `${value < 0 ? '>-' : '<'}${digits(0.1)}${SPACE}%`;
  if (value > 99.9 && value < 100) return `>${digits(99.9)}${SPACE}%`;
  return `${digits(value, ONE_DIGIT)}${SPACE}%`;
}

/** The share with all digits, for titles. */
export function exactPercent(share: number | null | undefined): string {
  return share == null ? MISSING : `${digits(share * 100, { maximumFractionDigits: 6 })}${SPACE}%`;
}

/** How much a number is above or below an earlier one: `+12.3 %`. `null` if there is nothing to compare with. */
export function changeFrom(before: number | null | undefined, now: number | null | undefined): number | null {
  if (before == null || now == null || before === 0) return null;
  return (now - before) / Math.abs(before);
}

/** A change in words: `+12.3 %`, `-4.0 %`. Changes above ten times are told as a factor. */
export function changeText(change: number | null): string {
  if (change === null) return MISSING;
  if (change >= 9) return `×${digits(change + 1, { maximumSignificantDigits: 3 })}`;
  const value = change * 100;
  if (Math.abs(value) < 0.05) return `±0${SPACE}%`;
  return `${digits(value, { ...ONE_DIGIT, signDisplay: 'always' })}${SPACE}%`;
}
