import { createHash } from 'node:crypto';
import type { PrometheusSample } from '../../telemetry/prometheus/answer.ts';
import { type Group, keyOfGroup } from '../rules/group.ts';

/** The longest label that is kept as it is, and the part of a longer one that stays readable; in UTF-16 units. */
const LONGEST = 200;
const READABLE = 180;
/** The readable part of a label where many labels are too long together. */
const READABLE_OF_MANY = 40;
/** The most bytes of the key of a group. A row of a PostgreSQL index has room for 2,704, with the id of the rule. */
const MOST_KEY_BYTES = 2_000;
/** The label that stands for those for which there is no room. */
const OTHERS = 'other_labels';
const HASH_DIGITS = 12;

/**
 * The labels of a series as a group. The same labels always give the same key, and other labels another one: a text that
 * is cut or cleaned ends with a hash of the whole. The key has a bounded length, and PostgreSQL can store it.
 */
export function groupOfLabels(labels: PrometheusSample['labels']): Group {
  const given = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  const group = groupOf(given, LONGEST, READABLE);
  if (fits(group)) return group;
  const shorter = Object.entries(groupOf(given, READABLE_OF_MANY, READABLE_OF_MANY));
  let kept = shorter.length;
  const withOthers = (): Group =>
    kept === shorter.length
      ? Object.fromEntries(shorter)
      : { ...Object.fromEntries(shorter.slice(0, kept)), [OTHERS]: `…${hashOf(JSON.stringify(given))}` };
  while (kept > 0 && !fits(withOthers())) kept--;
  return withOthers();
}

function groupOf(labels: readonly [string, string][], longest: number, readable: number): Group {
  const short = (text: string) => distinct(text, longest, readable);
  return Object.fromEntries(labels.map(([name, value]) => [short(name), short(value)]));
}

/** A text that can be stored. Its end is a hash of the whole text if it had to be changed. */
function distinct(text: string, longest: number, readable: number): string {
  const clean = storable(text);
  if (clean === text && text.length <= longest) return text;
  // The cut may leave half of a surrogate pair at the end.
  return `${storable(clean.slice(0, readable))}…${hashOf(text)}`;
}

function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

/** The UTF-16 units are hashed: in UTF-8 all lone surrogates would be the same. */
function hashOf(text: string): string {
  return createHash('sha256').update(Buffer.from(text, 'utf16le')).digest('hex').slice(0, HASH_DIGITS);
}

function fits(group: Group): boolean {
  return Buffer.byteLength(keyOfGroup(group)) <= MOST_KEY_BYTES;
}
