import type { Fault } from '../../errors.ts';
import { didYouMean } from '../../events/did-you-mean.ts';
import { Refusal, readText, readTimestamp } from '../../events/field.ts';
import { isObject } from '../../events/json-object.ts';
import { type Severity, severities } from '../../notifications/notice/notice.ts';
import { showHidden } from '../../plain-text.ts';
import { isTimeZone } from '../../queries/reading/time-buckets.ts';
import { type Recurrence, type Weekday, weekdays } from './recurrence.ts';
import type { Silence } from './silence.ts';

const MOST_RULES = 200;
const MOST_LABELS = 20;
const LONGEST_REASON = 500;

type Reader<T> = (value: unknown) => T | Refusal;

function line(most: number): Reader<string> {
  return (value) => {
    const read = readText(value, most);
    if (read instanceof Refusal) return read;
    return read.trim() === '' || showHidden(read) !== read
      ? new Refusal(`one line of 1 to ${most} characters, without control characters`)
      : read;
  };
}

function listOf<T extends string>(most: number, read: Reader<T>, said: string): Reader<T[]> {
  return (value) => {
    const expected = new Refusal(`an array of at most ${most} different ${said}`);
    if (!Array.isArray(value) || value.length > most || new Set(value).size < value.length) return expected;
    const all = value.map(read);
    return all.some((one) => one instanceof Refusal) ? expected : (all as T[]);
  };
}

function oneOf<T extends string>(names: readonly T[]): Reader<T> {
  return (value) => names.find((name) => name === value) ?? new Refusal(`one of ${names.join(', ')}`);
}

function readLabels(value: unknown): Record<string, string> | Refusal {
  const expected = new Refusal(`an object of at most ${MOST_LABELS} texts, by dimension or label`);
  if (!isObject(value) || Object.keys(value).length > MOST_LABELS) return expected;
  const texts = Object.values(value).every((text) => !(readText(text, 300) instanceof Refusal));
  return texts ? (value as Record<string, string>) : expected;
}

function readTime(value: unknown): number | null | Refusal {
  if (value === null) return null;
  const read = readTimestamp(value);
  return typeof read === 'number' ? Math.floor(read / 1_000) : read;
}

const readDays = listOf<Weekday>(weekdays.length, oneOf(weekdays), `days of ${weekdays.join(', ')}`);

function readRecurrence(value: unknown): Recurrence | null | Refusal {
  if (value === null) return null;
  const expected = new Refusal(
    'an object with days (mon … sun), from and to (HH:MM) and timezone (an IANA name such as Europe/Berlin)',
  );
  if (!isObject(value) || Object.keys(value).some((key) => !['days', 'from', 'to', 'timezone'].includes(key)))
    return expected;
  const { from, to, timezone } = value;
  const days = readDays(value.days);
  const isTime = (text: unknown): text is string =>
    typeof text === 'string' && /^([01]\d|2[0-3]):[0-5]\d$/.test(text);
  if (days instanceof Refusal || days.length === 0 || !isTime(from) || !isTime(to)) return expected;
  if (typeof timezone !== 'string' || timezone.length > 60 || !isTimeZone(timezone)) return expected;
  return { days: weekdays.filter((day) => days.includes(day)), from, to, timezone };
}

const fields: { [K in keyof Silence]: { read: Reader<Silence[K]>; absent?: Silence[K] } } = {
  name: { read: (value) => (value === null ? null : line(120)(value)), absent: null },
  reason: { read: line(LONGEST_REASON) },
  rules: { read: listOf(MOST_RULES, line(120), 'names of rules'), absent: [] },
  labels: { read: readLabels, absent: {} },
  severities: {
    read: listOf<Severity>(severities.length, oneOf(severities), `severities of ${severities.join(', ')}`),
    absent: [],
  },
  startsAt: { read: readTime, absent: null },
  endsAt: { read: readTime, absent: null },
  recurrence: { read: readRecurrence, absent: null },
};

/**
 * Reads a silence from JSON or YAML. Never throws. A silence that does not recur starts now unless it says otherwise.
 * @returns the silence, or every fault that it has
 */
export function readSilence(
  input: unknown,
  { now, at = '$' }: { now: number; at?: string },
): Silence | Fault[] {
  if (!isObject(input)) return [{ path: at, message: 'must be an object with the fields of a silence' }];
  const names = Object.keys(fields) as (keyof Silence)[];
  const unknown = Object.keys(input).filter((given) => !(names as string[]).includes(given));
  const faults = unknown.slice(0, names.length).map((given): Fault => {
    const meant = didYouMean(given, names);
    const message = `is not a field of a silence${meant === undefined ? '' : `; did you mean ${meant}?`}`;
    return { path: `${at}.${given.slice(0, 60)}`, message };
  });
  const read: Record<string, unknown> = {};
  for (const name of names) {
    const { read: reader, absent } = fields[name] as { read: Reader<unknown>; absent?: unknown };
    const value = input[name] === undefined ? absent : reader(input[name]);
    if (value === undefined) faults.push({ path: `${at}.${name}`, message: 'is required' });
    else if (value instanceof Refusal)
      faults.push({ path: `${at}.${name}`, message: `must be ${value.expected}` });
    read[name] = value;
  }
  if (faults.length > 0) return faults;
  // Every field has been read by its own reader.
  return checked(read as unknown as Silence, now, at);
}

function checked(silence: Silence, now: number, at: string): Silence | Fault[] {
  const { recurrence, endsAt } = silence;
  const startsAt = silence.startsAt ?? (recurrence === null ? now : null);
  if (recurrence === null && endsAt === null)
    return [{ path: `${at}.endsAt`, message: 'is required, unless the silence has a recurrence' }];
  if (endsAt !== null && endsAt <= (startsAt ?? Number.NEGATIVE_INFINITY))
    return [{ path: `${at}.endsAt`, message: 'must be after the start' }];
  return { ...silence, startsAt };
}
