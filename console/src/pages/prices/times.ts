interface Timed {
  model: string;
  provider: string;
  serviceTier: string | null;
  effectiveFrom: string;
  effectiveTo: string | null;
}

/** How the time of a price fits that of the one before it. */
export type Fit =
  | { kind: 'fine' }
  | { kind: 'gap'; from: string; to: string }
  | { kind: 'overlap'; with: string };

/** How each price fits the earlier ones of the same model, provider and service tier. */
export function fitsOf<Price extends Timed>(prices: readonly Price[]): Map<Price, Fit> {
  const fits = new Map<Price, Fit>();
  const groups = Map.groupBy(prices, ({ provider, model, serviceTier }) =>
    JSON.stringify([provider, model, serviceTier]),
  );
  for (const group of groups.values()) {
    let latest: Price | undefined;
    for (const price of group.toSorted((one, other) => startOf(one) - startOf(other))) {
      fits.set(price, latest === undefined ? { kind: 'fine' } : fitAfter(latest, price));
      if (latest === undefined || endOf(price) >= endOf(latest)) latest = price;
    }
  }
  return fits;
}

function fitAfter(before: Timed, { effectiveFrom }: Timed): Fit {
  const start = Date.parse(effectiveFrom);
  const end = endOf(before);
  if (start < end) return { kind: 'overlap', with: before.effectiveFrom };
  if (start > end) return { kind: 'gap', from: before.effectiveTo ?? effectiveFrom, to: effectiveFrom };
  return { kind: 'fine' };
}

function startOf({ effectiveFrom }: Timed): number {
  return Date.parse(effectiveFrom);
}

function endOf({ effectiveTo }: Timed): number {
  return effectiveTo === null ? Number.POSITIVE_INFINITY : Date.parse(effectiveTo);
}
