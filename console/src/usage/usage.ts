import type { paths } from '../api/schema.ts';

export type UsageAnswer =
  paths['/analytics/v1/orgs/{orgId}/usage']['get']['responses'][200]['content']['application/json'];
export type UsagePoint = UsageAnswer['series'][number];
/** What was used in some time: of a bucket, a group or all together. */
export type Usage = UsageAnswer['totals'];

const dimensions = ['model', 'client', 'provider', 'serviceTier'] as const;
export type Dimension = (typeof dimensions)[number];
/** A label of the org, as the API names it. */
export type LabelGrouping = `label.${string}`;
export type Grouping = Dimension | LabelGrouping;

/** The groupings of an org: the dimensions that every org has, and its labels. */
export function groupingsWith(labels: readonly string[]): readonly Grouping[] {
  return [...dimensions, ...labels.map((key): LabelGrouping => `label.${key}`)];
}

/** The grouping that a text of the address names. */
export function readGrouping(text: unknown): Grouping | undefined {
  const dimension = dimensions.find((one) => one === text);
  if (dimension !== undefined) return dimension;
  return isLabel(text) ? text : undefined;
}

export function isLabel(text: unknown): text is LabelGrouping {
  return typeof text === 'string' && /^label\.[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$/.test(text);
}

/** The key of a label: `team` of `label.team`. */
export function labelKey(label: LabelGrouping): string {
  return label.slice('label.'.length);
}

/** What usage can be limited to: each has values with commas between them. */
export type Filters = { [Filter in Grouping]?: string };

/** The filters that are set, in the order of the dimensions, and labels after them. */
export function filtersIn(search: Readonly<Record<string, unknown>>): Filters {
  const names = [...dimensions, ...Object.keys(search).filter(isLabel)];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = search[name];
      return typeof value === 'string' && value.replaceAll(',', '') !== '' ? [[name, value]] : [];
    }),
  );
}

export const measures = ['cost', 'requests', 'tokens', 'price', 'cached'] as const;
export type Measure = (typeof measures)[number];

const PER = 1_000_000;
const NANO = 1_000_000_000n;

function tokensOf({ inputTokens, outputTokens }: Usage): number {
  return inputTokens + outputTokens;
}

/** Dollars as a number, for comparing and drawing. */
export function dollarsOf({ costUsd }: Usage): number {
  return Number(costUsd);
}

/** A measure of a usage; `null` where it means nothing, as the price of no tokens. */
export function measureOf(measure: Measure, usage: Usage): number | null {
  const tokens = tokensOf(usage);
  switch (measure) {
    case 'cost':
      return dollarsOf(usage);
    case 'requests':
      return usage.invocations;
    case 'tokens':
      return tokens;
    case 'price':
      return tokens === 0 ? null : (dollarsOf(usage) / tokens) * PER;
    case 'cached':
      return usage.inputTokens === 0 ? null : usage.cachedInputTokens / usage.inputTokens;
  }
}

/** Whether the values of several groups add up to that of all. */
export function isAdditive(measure: Measure): boolean {
  return measure === 'cost' || measure === 'requests' || measure === 'tokens';
}

/** Several usages together. Dollars are added up in nano-dollars, so that the sum is exact. */
export function sum<Point extends Usage>(usages: readonly Point[]): Point {
  const add = (field: 'invocations' | 'inputTokens' | 'outputTokens' | 'cachedInputTokens') =>
    usages.reduce((total, usage) => total + usage[field], 0);
  return {
    ...(usages[0] as Point),
    ...{
      invocations: add('invocations'),
      inputTokens: add('inputTokens'),
      outputTokens: add('outputTokens'),
    },
    cachedInputTokens: add('cachedInputTokens'),
    unpricedInvocations: usages.reduce((total, usage) => total + usage.unpricedInvocations, 0),
    costUsd: dollarText(usages.reduce((total, { costUsd }) => total + nanosOf(costUsd), 0n)),
  };
}

function nanosOf(dollars: string): bigint {
  const [, sign, whole = '0', part = ''] = /^(-?)(\d*)\.?(\d*)$/.exec(dollars) ?? [];
  const size = BigInt(whole || '0') * NANO + BigInt(part.slice(0, 9).padEnd(9, '0'));
  return sign === '-' ? -size : size;
}

function dollarText(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos;
  const part = String(size % NANO)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${nanos < 0n ? '-' : ''}${size / NANO}${part === '' ? '' : `.${part}`}`;
}
