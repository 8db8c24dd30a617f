import { minorUnitDecimals } from '../../events/types/currency.ts';
import type { Unit } from './notice.ts';

/** The unit of a number for people. */
export interface Measure {
  unit: Unit;
  /** The ISO 4217 code of the amounts of a metric in cents; absent: it is not known. */
  currency?: string | null;
}

/** Digits that are shown if fewer would do. */
const USUAL_DIGITS = 4;
/** Beyond so many digits a number of JavaScript is noise. */
const MOST_DIGITS = 15;
/** The digits after the point of small amounts of money. A request to a model may cost a hundredth of a cent. */
const USUAL_DECIMALS = 4;
/** A number that is compared may be shown wrong by this part of the difference at most. */
const OFF_BY_MOST = 0.1;

/**
 * A number of a metric with its unit, such as `7.3 %`, `1,250 ms` or `$12.34`. Messages, pages and the API all use it.
 * @param apart the numbers that it is compared with: it is shown with as many digits as tell it apart from them
 */
export function inUnit(value: number, { unit, currency }: Measure, apart: readonly number[] = []): string {
  switch (unit) {
    case 'ratio':
      return `${plainNumber(percentOf(value), apart.map(percentOf))} %`;
    case 'milliseconds':
      return `${plainNumber(value, apart)} ms`;
    case 'seconds':
      return `${plainNumber(value, apart)} s`;
    case 'cents':
      return money(value, isCode(currency) ? currency : null, apart);
    case 'tokens':
      return `${plainNumber(value, apart)} tokens`;
    default:
      return plainNumber(value, apart);
  }
}

/** A number without a unit: four digits, more if it has more before the point or its neighbours are close. */
export function plainNumber(value: number, apart: readonly number[] = []): string {
  const digits = (count: number) =>
    Math.abs(value) >= 10 ** count ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: count };
  return firstApart(value, apart, USUAL_DIGITS, (count) => new Intl.NumberFormat('en', digits(count)));
}

/** Hundredths of a share; without the noise of the multiplication, so that 0.07 is 7. */
function percentOf(share: number): number {
  return withoutNoise(share * 100);
}

/** The result of a calculation without what the representation added: 0.24 for 0.24000000000000002. */
export function withoutNoise(value: number): number {
  return Number(value.toPrecision(MOST_DIGITS));
}

/** Whether a text can be the code of a currency: a filter of a rule may be any text. */
function isCode(currency: string | null | undefined): currency is string {
  return typeof currency === 'string' && /^[A-Z]{3}$/.test(currency);
}

function money(minor: number, currency: string | null, apart: readonly number[]): string {
  const decimals = currency === null ? 2 : minorUnitDecimals(currency);
  const major = (amount: number) => withoutNoise(amount / 10 ** decimals);
  const style = currency === null ? {} : ({ style: 'currency', currency } as const);
  return firstApart(
    major(minor),
    apart.map(major),
    Math.max(USUAL_DECIMALS, decimals),
    (count) =>
      new Intl.NumberFormat('en', {
        ...style,
        minimumFractionDigits: decimals,
        maximumFractionDigits: count,
      }),
  );
}

/** The text with the fewest digits that is much closer to the number than the numbers it is compared with. */
function firstApart(
  value: number,
  apart: readonly number[],
  least: number,
  formatOf: (digits: number) => Intl.NumberFormat,
): string {
  const nearest = Math.min(
    ...apart.filter((other) => other !== value).map((other) => Math.abs(other - value)),
  );
  for (let digits = least; ; digits++) {
    const format = formatOf(digits);
    const isExact = Math.abs(shownBy(format, value) - value) <= nearest * OFF_BY_MOST;
    if (isExact || digits === MOST_DIGITS) return format.format(value);
  }
}

/** The number that a text of the format stands for. */
function shownBy(format: Intl.NumberFormat, value: number): number {
  const parts = format.formatToParts(value);
  const digits = parts.filter(({ type }) => ['minusSign', 'integer', 'decimal', 'fraction'].includes(type));
  return Number(digits.map(({ value: text }) => text).join(''));
}
