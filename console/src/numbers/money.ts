import { digits, MISSING } from './locale.ts';

const CENT = 0.01;
/** From here on cents say nothing. */
const LARGE = 1_000;
/** Dollars are known to the nano-dollar. */
const MOST_DECIMALS = 9;

/**
 * An amount on a card or an axis. To the cent; from $1,000 on without cents; below a cent with two significant digits.
 * @param dollars `null` is an amount that is not known
 */
export function shortMoney(dollars: number | null | undefined): string {
  if (dollars == null) return MISSING;
  const size = Math.abs(dollars);
  if (size === 0) return money(0, 0);
  if (size < CENT) return inDollars(dollars, { maximumSignificantDigits: 2 });
  return money(dollars, Math.round(size * 100) / 100 >= LARGE ? 0 : 2);
}

/** An amount with all digits that are known, for titles and copies. */
export function exactMoney(dollars: number | string | null | undefined): string {
  if (dollars == null) return MISSING;
  const amount = Number(dollars);
  return inDollars(amount, {
    minimumFractionDigits: amount === 0 ? 0 : 2,
    maximumFractionDigits: MOST_DECIMALS,
  });
}

/** The format of a column of amounts: one number of decimals for all of them. */
export function moneyColumn(
  amounts: readonly (number | null)[],
): (dollars: number | null | undefined) => string {
  const sizes = amounts.flatMap((amount) => (amount === null || amount === 0 ? [] : [Math.abs(amount)]));
  const decimals = decimalsOf(Math.min(...sizes));
  const least = 10 ** -decimals;
  return (dollars) => {
    if (dollars == null) return MISSING;
    if (dollars === 0) return money(0, 0);
    return Math.abs(dollars) < least / 2 ? `<${money(least, decimals)}` : money(dollars, decimals);
  };
}

/** Two significant digits of the smallest amount, and never less than cents unless all are large. */
function decimalsOf(smallest: number): number {
  if (smallest === Number.POSITIVE_INFINITY) return 2;
  if (smallest >= LARGE) return 0;
  if (smallest >= CENT) return 2;
  return Math.min(1 - Math.floor(Math.log10(smallest)), 6);
}

/** An amount of any currency: its cents, from 1,000 on without them. */
export function amountIn(currency: string, amount: number | null | undefined): string {
  if (amount == null) return MISSING;
  const isWhole = amount === 0 || Math.abs(amount) >= LARGE;
  return digits(amount, { style: 'currency', currency, ...(isWhole && { maximumFractionDigits: 0 }) });
}

/** The same with all digits, for titles and copies. */
export function exactAmountIn(currency: string, amount: number | null | undefined): string {
  return amount == null
    ? MISSING
    : digits(amount, { style: 'currency', currency, maximumFractionDigits: MOST_DECIMALS });
}

function money(dollars: number, decimals: number): string {
  return inDollars(dollars, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

function inDollars(dollars: number, options: Intl.NumberFormatOptions): string {
  return digits(dollars, { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol', ...options });
}
