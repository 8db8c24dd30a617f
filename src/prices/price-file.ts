import { CORE_SCHEMA, dump, load } from 'js-yaml';
import { CodedError, type Fault } from '../errors.ts';
import { isObject } from '../events/json-object.ts';
import { type ModelAlias, readModelAlias } from './models/model-alias.ts';
import { type ModelPrice, modelScopeKey, writeModelPrice } from './models/model-price.ts';
import { readModelPrice } from './models/read-model-price.ts';
import { type Price, scopeKey, writePrice } from './price.ts';
import { readPrice } from './read-price.ts';

/** All that decides what an event without a cost costs. */
export interface PriceFile {
  /** Of ML jobs. */
  prices: readonly Price[];
  modelPrices: readonly ModelPrice[];
  modelAliases: readonly ModelAlias[];
}

const sections = ['prices', 'modelPrices', 'modelAliases'] as const satisfies (keyof PriceFile)[];

/**
 * Reads a price file, YAML or JSON: lists with the names of `Price`, `ModelPrice` and `ModelAlias`, of which some may be
 * left out.
 * @throws {CodedError} `invalid_request` with the path of every fault
 */
export function readPriceFile(text: string): PriceFile {
  const content = parse(text);
  if (!isObject(content) || sections.every((name) => content[name] === undefined))
    throw refusal([
      { path: '$.prices', message: `must be a list of prices; so may ${sections.slice(1).join(' and ')}` },
    ]);
  const faults: Fault[] = Object.keys(content)
    .filter((name) => !sections.some((section) => section === name))
    .map((name) => ({
      path: `$.${name}`,
      message: `is no part of a price file; the parts are ${sections.join(', ')}`,
    }));
  const file: PriceFile = {
    prices: readList(content, 'prices', faults, { read: readPrice, placeOf, ...ofPrices('jobs') }),
    modelPrices: readList(content, 'modelPrices', faults, {
      read: readModelPrice,
      placeOf: (price) => `${modelScopeKey(price)}\0${price.effectiveFrom}`,
      ...ofPrices('calls'),
    }),
    modelAliases: readList(content, 'modelAliases', faults, {
      read: readModelAlias,
      placeOf: ({ provider, model }) => `${provider}\0${model ?? ''}`,
      ...{ field: 'provider', same: 'is for the same calls' },
    }),
  };
  if (faults.length > 0) throw refusal(faults);
  return file;
}

function placeOf(price: Price): string {
  return `${scopeKey(price)}\0${price.effectiveFrom}`;
}

function ofPrices(events: string) {
  return { field: 'effectiveFrom', same: `is for the same ${events}` };
}

interface ListReader<T> {
  read: (item: unknown, at: string) => T | Fault[];
  /** Two entries in one place contradict each other. */
  placeOf: (entry: T) => string;
  /** The field that is named then, and the reason. */
  field: string;
  same: string;
}

function readList<T extends object>(
  content: Record<string, unknown>,
  name: keyof PriceFile,
  faults: Fault[],
  { read, placeOf, field, same }: ListReader<T>,
): T[] {
  const list = content[name] ?? [];
  if (!Array.isArray(list)) {
    faults.push({ path: `$.${name}`, message: 'must be a list' });
    return [];
  }
  const entries: T[] = [];
  const places = new Map<string, number>();
  for (const [index, item] of list.entries()) {
    const entry = read(item, `$.${name}[${index}]`);
    if (Array.isArray(entry)) {
      faults.push(...(entry as Fault[]));
      continue;
    }
    const other = places.get(placeOf(entry));
    if (other !== undefined) {
      const message = `is the same as that of ${name}[${other}], which ${same}; change one of them`;
      faults.push({ path: `$.${name}[${index}].${field}`, message });
    }
    places.set(placeOf(entry), index);
    entries.push(entry);
  }
  return entries;
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

/** Writes a price file that `readPriceFile` reads. It leaves out open values and shortens a midnight to its date. */
export function writePriceFile(
  { prices, modelPrices, modelAliases }: PriceFile,
  as: 'yaml' | 'json',
): string {
  const models = modelPrices.map((price) => compact(writeModelPrice(price)));
  const aliases = modelAliases.map(({ provider, model, asProvider, asModel }) =>
    compact({ provider, model, asProvider, asModel }),
  );
  const file = {
    ...((prices.length > 0 || models.length + aliases.length === 0) && {
      prices: prices.map((price) => compact(writePrice(price))),
    }),
    ...(models.length > 0 && { modelPrices: models }),
    ...(aliases.length > 0 && { modelAliases: aliases }),
  };
  return as === 'json' ? `${JSON.stringify(file, null, 2)}\n` : dump(file, { schema: CORE_SCHEMA });
}

function compact(entry: object): object {
  return Object.fromEntries(
    Object.entries(entry)
      .filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0))
      .map(([name, value]) => [name, Array.isArray(value) ? value.map(compact) : shorten(value)]),
  );
}

function shorten(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/^(\d{4}-\d{2}-\d{2})T00:00:00\.000Z$/, '$1') : value;
}
