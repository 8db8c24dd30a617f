/**
 * Holds a rule for all new code while some old code still breaks it. A file lists the accepted offences, and only
 * shrinks: a new offence fails the check, and so does an entry that is no longer needed. `--write` removes such
 * entries. It adds none, unless the file does not exist yet.
 */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** A place that breaks a rule. */
export interface Offence {
  rule: string;
  /** From the root of the repository. */
  path: string;
  line?: number | undefined;
  /** The function, or the first words of the sentence: an exception follows the name into another file. */
  name?: string | undefined;
  /** The number that the rule limits: of lines, parameters, files or words. */
  size: number;
  /** Says what is wrong, what is allowed and how to fix it. */
  message: string;
}

/** By rule and `path#name`: the size that is accepted. */
export type Exceptions = Record<string, Record<string, number>>;

export interface Judgement {
  /** Offences that no exception covers. */
  fresh: Offence[];
  /** Exceptions that cover nothing. */
  unneeded: string[];
  /** The exceptions that are needed, at the place and size of today. */
  needed: Exceptions;
}

/**
 * Compares the offences of today with the accepted ones. An offence that became smaller is still accepted; one
 * that grew is not. The name decides when the path has changed, so that files can be moved.
 */
export function judge(offences: readonly Offence[], accepted: Exceptions): Judgement {
  const unclaimed = structuredClone(accepted);
  const each = largestOfEach(offences);
  const judgement: Judgement = { fresh: [], unneeded: [], needed: {} };
  const elsewhere = each.filter((offence) => !settle(offence, keyOf(offence), unclaimed, judgement));
  for (const offence of elsewhere) {
    const { rule, name } = offence;
    const moved = Object.keys(unclaimed[rule] ?? {}).find((key) => name && key.endsWith(`#${name}`));
    if (!moved || !settle(offence, moved, unclaimed, judgement)) judgement.fresh.push(offence);
  }
  judgement.unneeded = Object.entries(unclaimed).flatMap(([rule, entries]) =>
    Object.keys(entries).map((key) => `${rule}: ${key}`),
  );
  return judgement;
}

/** Puts an offence under the exception `key`, if that is there. Whether it was. */
function settle(offence: Offence, key: string, unclaimed: Exceptions, judgement: Judgement): boolean {
  const entries = unclaimed[offence.rule] ?? {};
  const size = entries[key];
  if (size === undefined) return false;
  delete entries[key];
  if (offence.size > size) judgement.fresh.push(offence);
  const kept = judgement.needed[offence.rule] ?? {};
  kept[keyOf(offence)] = Math.min(size, offence.size);
  judgement.needed[offence.rule] = kept;
  return true;
}

function keyOf({ path, name }: Offence): string {
  return name === undefined ? path : `${path}#${name}`;
}

/** The largest of those that share rule, path and name stands for all of them. */
function largestOfEach(offences: readonly Offence[]): Offence[] {
  const largest = new Map<string, Offence>();
  for (const offence of offences) {
    const id = `${offence.rule}: ${keyOf(offence)}`;
    if ((largest.get(id)?.size ?? 0) < offence.size) largest.set(id, offence);
  }
  return [...largest.values()];
}

/** All of them, for the first list. */
export function acceptAll(offences: readonly Offence[]): Exceptions {
  const all: Exceptions = {};
  for (const offence of largestOfEach(offences))
    all[offence.rule] = { ...all[offence.rule], [keyOf(offence)]: offence.size };
  return all;
}

/**
 * Prints what breaks the rules and fails the process if anything does.
 * @param list the file of exceptions, from the root of the repository
 * @param npmScript the script that shortens it
 */
export async function hold(offences: readonly Offence[], list: string, npmScript: string): Promise<void> {
  const file = join(root, list);
  const write = process.argv.includes('--write');
  const isFirst = write && !existsSync(file);
  const accepted = isFirst ? acceptAll(offences) : await readExceptions(file);
  const { fresh, unneeded, needed } = judge(offences, accepted);
  if (write) await writeFile(file, textOf(needed));
  for (const { path, line, message } of fresh)
    console.error(line ? `${path}:${line} ${message}` : `${path} ${message}`);
  if (!write) for (const entry of unneeded) console.error(`no longer an exception: ${entry}`);
  if (!write && unneeded.length > 0) console.error(`Shorten ${list}: npm run ${npmScript} -- --write`);
  if (fresh.length > 0) console.error(`${fresh.length} new. Fix them: the list takes no new exceptions.`);
  if (fresh.length > 0 || (!write && unneeded.length > 0)) process.exitCode = 1;
}

async function readExceptions(file: string): Promise<Exceptions> {
  return existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : {};
}

/** Sorted and a line for each, so that two branches that remove different entries can be merged. */
function textOf(exceptions: Exceptions): string {
  const sorted = Object.fromEntries(
    Object.keys(exceptions)
      .sort()
      .map((rule) => [rule, sortedByKey(exceptions[rule] ?? {})]),
  );
  return `${JSON.stringify(sorted, null, 2)}\n`;
}

function sortedByKey(entries: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));
}
