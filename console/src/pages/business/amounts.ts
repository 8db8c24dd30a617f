import type { Compared } from './queries.ts';

interface InCurrency {
  currency: string;
  minorUnitDecimals: number;
}

/** An amount in units of its currency: 1,999 cents are 19.99. */
export function inUnits({ minorUnitDecimals }: InCurrency, minor: number | null | undefined): number | null {
  return minor == null ? null : minor / 10 ** minorUnitDecimals;
}

/** The currency with the largest revenue, which a table shows. Amounts of different currencies do not add up. */
export function mainCurrency(
  all: readonly { byCurrency: readonly (InCurrency & { revenueCents: Compared })[] }[],
): string | undefined {
  const totals = new Map<string, number>();
  for (const { byCurrency } of all) {
    for (const one of byCurrency) {
      const sum = totals.get(one.currency) ?? 0;
      totals.set(one.currency, sum + (inUnits(one, one.revenueCents.value) ?? 0));
    }
  }
  return [...totals].sort(([, one], [, other]) => other - one)[0]?.[0];
}
