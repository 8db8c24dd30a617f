import { readFileSync } from 'node:fs';
import type { Fault } from './errors.ts';
import { didYouMean } from './events/did-you-mean.ts';
import { type Setting, settings } from './settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a setting is given as, or the fault of how it is given. `undefined` counts as unset. */
export type Given = { text: string | undefined } | { fault: Fault };

/**
 * The text of a setting. For a secret, `NAME_FILE` may name a file that holds it, as Docker and Kubernetes mount secrets.
 * The file is read whole, without white space around it.
 */
export function givenText({ env: name, secret }: Setting<unknown>, env: Environment): Given {
  const text = env[name]?.trim() || undefined;
  const path = secret ? env[`${name}_FILE`]?.trim() : undefined;
  if (!path) return { text };
  const faulty = (message: string): Given => ({ fault: { path: `${name}_FILE`, message } });
  if (text !== undefined) return faulty(`cannot be used together with ${name}; unset one of them`);
  try {
    const content = readFileSync(path, 'utf8').trim();
    return content === '' ? faulty(`${path} is empty; write the value into it`) : { text: content };
  } catch (error) {
    return faulty(`${path} cannot be read: ${(error as Error).message}`);
  }
}

const known = new Map(Object.values<Setting<unknown>>(settings).map(({ env, secret }) => [env, secret]));

/** Names that work, apart from short ones, which are within two letters of many others. */
const longNames = [...known]
  .flatMap(([name, secret]) => (secret ? [name, `${name}_FILE`] : [name]))
  .filter((name) => name.length >= 8);

/** Variables of others whose names are close to ours, or end as ours do. */
const OTHERS = /^(TEST|BENCH)_|^(HTTPS?|NO|ALL)_PROXY$/;

/** A variable that has no effect, and the setting that may be meant. */
export interface Mistaken {
  name: string;
  meant: string;
}

/**
 * Variables that look like settings and are none: a letter off, with a prefix, or a `_FILE` that is not supported. They
 * have no effect, which nobody would notice otherwise.
 */
export function mistakenSettings(env: Environment): Mistaken[] {
  return Object.keys(env).flatMap((name) => {
    if (!env[name] || known.has(name) || OTHERS.test(name)) return [];
    if (name.endsWith('_FILE') && known.has(name.slice(0, -5)))
      return known.get(name.slice(0, -5)) ? [] : [{ name, meant: name.slice(0, -5) }];
    const meant =
      [...known.keys()].find((own) => name === `TIDEMARK_${own}`) ?? didYouMean(name, longNames, 2);
    return meant === undefined ? [] : [{ name, meant }];
  });
}
