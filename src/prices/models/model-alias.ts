import type { Fault } from '../../errors.ts';
import { Refusal, readText, withoutVariants } from '../../events/field.ts';
import { InputReader } from '../../events/input-reader.ts';
import { isObject } from '../../events/json-object.ts';

/** Another name of a provider or of one model. Its calls go by the prices of what it stands for. */
export interface ModelAlias {
  /** As calls name it; in lower case. */
  provider: string;
  /** `null`: all models of the provider that have no price of their own there. */
  model: string | null;
  /** Whose prices are used; in lower case. */
  asProvider: string;
  /** `null`: the model of the same name. Only with a model. */
  asModel: string | null;
}

export interface StoredModelAlias extends ModelAlias {
  id: number;
  changedAt: number;
  /** Id of the actor. */
  changedBy: string;
}

/** The name of an alias for people: `aws.bedrock is aws`. */
export function aliasName({ provider, model, asProvider, asModel }: ModelAlias): string {
  const from = [provider, model].filter((part) => part !== null).join(' / ');
  return `${from} is ${[asProvider, asModel].filter((part) => part !== null).join(' / ')}`;
}

const MAX_NAME = 200;
const fields = ['provider', 'model', 'asProvider', 'asModel'];

/**
 * Reads an alias from a request or a command, with the names of `ModelAlias`. Pure.
 * @param at the start of the paths of faults
 */
export function readModelAlias(input: unknown, at: string): ModelAlias | Fault[] {
  if (!isObject(input)) return [{ path: at, message: 'must be an object' }];
  const reader = new InputReader(input, at);
  const name = (field: string): string | null => {
    const value = input[field];
    if (value === undefined || value === null) return null;
    const read = readText(typeof value === 'string' ? withoutVariants(value) : value, MAX_NAME);
    if (!(read instanceof Refusal)) return read;
    reader.refuse(field, `must be ${read.expected}`);
    return null;
  };
  const provider = name('provider')?.toLowerCase() ?? '';
  const asProvider = name('asProvider')?.toLowerCase() ?? '';
  const alias: ModelAlias = { provider, model: name('model'), asProvider, asModel: name('asModel') };
  for (const field of ['provider', 'asProvider'])
    if (input[field] === undefined || input[field] === null) reader.refuse(field, 'is required');
  for (const field of Object.keys(input))
    if (!fields.includes(field))
      reader.refuse(field, `is not a field of an alias; the fields are ${fields.join(', ')}`);
  if (alias.asModel !== null && alias.model === null) reader.refuse('model', 'is required beside asModel');
  const isItself = provider === asProvider && (alias.asModel ?? alias.model) === alias.model;
  if (reader.isRight && isItself)
    reader.refuse('asProvider', 'must be another provider, or asModel another model');
  return reader.isRight ? alias : reader.faults;
}
