import { CORE_SCHEMA, dump, load } from 'js-yaml';
import { CodedError, type Fault } from '../errors.ts';
import { isObject } from '../events/json-object.ts';
import { type Price, scopeKey, writePrice } from './price.ts';
import { readPrice } from './read-price.ts';

/**
 * Reads prices from YAML: a list under `prices`, with the names of `Price`.
 * @throws {CodedError} `invalid_request` with the path of every fault
 */
export function readPriceFile(text: string): Price[] {
  const content = parse(text);
  const list = isObject(content) ? content.prices : undefined;
  if (!Array.isArray(list)) throw refusal([{ path: '$.prices', message: 'must be a list of prices' }]);
  const faults: Fault[] = [];
  const prices: Price[] = [];
  const places = new Map<string, number>();
  for (const [index, item] of list.entries()) {
    const read = readPrice(item, `$.prices[${index}]`);
    if (Array.isArray(read)) {
      faults.push(...read);
      continue;
    }
    const place = `${scopeKey(read)}\0${read.effectiveFrom}`;
    const other = places.get(place);
    if (other !== undefined) {
      const message = `is the same as that of prices[${other}], which is for the same jobs; change one of them`;
      faults.push({ path: `$.prices[${index}].effectiveFrom`, message });
    }
    places.set(place, index);
    prices.push(read);
  }
  if (faults.length > 0) throw refusal(faults);
  return prices;
}

function parse(text: string): unknown {
  try {
    return load(text, { schema: CORE_SCHEMA });
  } catch (error) {
    throw new CodedError('invalid_request', `the file is not valid YAML: ${(error as Error).message.trim()}`);
  }
}

function refusal(faults: readonly Fault[]): CodedError {
  return new CodedError('invalid_request', 'the prices are not valid:', { faults });
}

/** Writes prices as YAML that `readPriceFile` reads. It leaves out open values and shortens a midnight to its date. */
export function writePriceFile(prices: readonly Price[]): string {
  return dump(
    {
      prices: prices.map((price) =>
        Object.fromEntries(
          Object.entries(writePrice(price))
            .filter(([, value]) => value !== null)
            .map(([name, value]) => [name, shorten(value)]),
        ),
      ),
    },
    { schema: CORE_SCHEMA },
  );
}

function shorten(value: string | number | null): string | number | null {
  return typeof value === 'string' ? value.replace(/^(\d{4}-\d{2}-\d{2})T00:00:00\.000Z$/, '$1') : value;
}
