import type { ModelAlias } from '../prices/models/model-alias.ts';
import { type ModelPrice, modelScopeName } from '../prices/models/model-price.ts';
import { type Price, scopeName } from '../prices/price.ts';
import { formatExactMoment } from './read-moment.ts';
import type { Column } from './table.ts';

/** How entries of a kind are shown: the columns, and the cells of an entry. */
export interface EntryTable<Entry> {
  columns: Column[];
  cells: (entry: Entry) => string[];
}

function numbers(...titles: string[]): Column[] {
  return titles.map((title) => ({ title, align: 'right' }));
}

function orDash(values: readonly (number | null)[]): string[] {
  return values.map((value) => (value === null ? '-' : String(value)));
}

function timesOf({ effectiveFrom, effectiveTo }: { effectiveFrom: number; effectiveTo: number | null }) {
  const end = effectiveTo === null ? '-' : formatExactMoment(new Date(effectiveTo));
  return [formatExactMoment(new Date(effectiveFrom)), end];
}

const times: Column[] = [{ title: 'from' }, { title: 'to' }];

/** Prices of ML jobs, in cents. */
export const jobPriceTable: EntryTable<Price> = {
  columns: [
    { title: 'for' },
    ...times,
    ...numbers('job', 'second', 'million tokens in', 'million tokens out'),
  ],
  cells: (price) => [
    scopeName(price),
    ...timesOf(price),
    ...orDash([
      price.centsPerJob,
      price.centsPerSecond,
      price.centsPerMillionInputTokens,
      price.centsPerMillionOutputTokens,
    ]),
  ],
};

/** Prices of model calls, in dollars. */
export const modelPriceTable: EntryTable<ModelPrice> = {
  columns: [
    { title: 'calls to' },
    ...times,
    ...numbers('million tokens in', 'out', 'from cache', 'to cache', 'for an hour', 'reasoning'),
    ...numbers('call', 'second', 'image', 'tiers'),
  ],
  cells: (price) => [
    modelScopeName(price),
    ...timesOf(price),
    ...orDash([
      price.usdPerMillionInputTokens,
      price.usdPerMillionOutputTokens,
      price.usdPerMillionCacheReadTokens,
      price.usdPerMillionCacheWriteTokens,
      price.usdPerMillionCacheWriteHourTokens,
      price.usdPerMillionReasoningTokens,
      price.usdPerCall,
      price.usdPerSecond,
      price.usdPerImage,
      price.tiers.length === 0 ? null : price.tiers.length,
    ]),
  ],
};

export const aliasTable: EntryTable<ModelAlias> = {
  columns: [{ title: 'alias' }, { title: 'goes by the prices of' }],
  cells: ({ provider, model, asProvider, asModel }) => [
    [provider, model ?? 'all models'].join(' / '),
    [asProvider, asModel].filter((part) => part !== null).join(' / '),
  ],
};
