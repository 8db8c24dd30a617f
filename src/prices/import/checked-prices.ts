import { DAY } from '../../time.ts';
import type { ModelPrice } from '../models/model-price.ts';
import { modelScopeKey } from '../models/model-price.ts';
import { readModelPrice } from '../models/read-model-price.ts';
import { readGenaiPrices } from './genai-prices.ts';
import { readLitellmPrices } from './litellm.ts';
import type { ImportedList, ImportedPrice, NotImported } from './model-price.ts';

/** The lists of other projects that can be imported. */
export const priceLists = ['genai-prices', 'litellm'] as const;
export type PriceList = (typeof priceLists)[number];

/** What of a list goes into the table, and what does not. */
export interface CheckedList {
  prices: ModelPrice[];
  skipped: NotImported[];
  partial: NotImported[];
}

/**
 * Reads the prices of a list. A price that the table would not take is skipped, and stops no other.
 * @param now the start of prices without dates, in milliseconds since the epoch; taken at its UTC midnight
 * @throws {CodedError} `invalid_request` for a file that is no such list
 */
export function readPriceList(name: PriceList, text: string, now: number): CheckedList {
  const list = name === 'litellm' ? readLitellmPrices(text, midnightOf(now)) : readGenaiPrices(text);
  return checked(list);
}

function midnightOf(now: number): string {
  return new Date(Math.floor(now / DAY) * DAY).toISOString();
}

function checked({ prices, skipped, partial }: ImportedList): CheckedList {
  const found = new Map<string, ModelPrice>();
  const refused: NotImported[] = [];
  for (const imported of prices) {
    const read = readModelPrice(inOurForm(imported), '$');
    const name = `${imported.provider} / ${imported.model}`;
    if (Array.isArray(read)) {
      refused.push({ name, reason: read.map(({ path, message }) => `${path} ${message}`).join('; ') });
      continue;
    }
    // Two names of a list may be one name in lower case. The first stands.
    const place = `${modelScopeKey(read)}\0${read.effectiveFrom}`;
    if (!found.has(place)) found.set(place, read);
  }
  return { prices: [...found.values()], skipped: [...skipped, ...refused], partial };
}

/** The rates of a tier are for tokens. What a call costs besides is the same in each. */
function inOurForm({ tiers, ...price }: ImportedPrice): object {
  return {
    ...price,
    ...(tiers && {
      tiers: tiers.map(({ usdPerCall: _, usdPerSecond: __, usdPerImage: ___, ...tier }) => tier),
    }),
  };
}
