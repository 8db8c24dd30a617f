const HOUR = 3_600_000;

interface Times {
  triggeredAt: string;
  resolvedAt: string | null;
  windowSeconds: number;
}

/** The window of an alert and the hour on either side; of one that still fires, not beyond now. */
export function around(
  { triggeredAt, resolvedAt, windowSeconds }: Times,
  now: number,
): { start: number; end: number } {
  const fired = Date.parse(triggeredAt);
  const end = Math.min(Math.max(resolvedAt === null ? now : Date.parse(resolvedAt), fired) + HOUR, now);
  return { start: fired - windowSeconds * 1_000 - HOUR, end: Math.max(end, fired + 60_000) };
}

/** The dimensions of a group that pages about calls filter by. */
const filterNames = { modelId: 'model', clientId: 'client', errorCode: 'code' } as const;

export function filtersOf(group: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(filterNames).flatMap(([dimension, filter]) => {
      const value = group[dimension];
      return value === undefined ? [] : [[filter, value]];
    }),
  );
}
