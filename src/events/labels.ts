import { cutText, type Field, Refusal, readText, withoutVariants } from './field.ts';
import { isObject } from './json-object.ts';

/** The most labels of an event. */
const MAX_LABELS = 20;
const MAX_VALUE = 200;
/** Letters, digits, `_`, `.` and `-`, so that a key fits into a parameter such as `label.team` and into a list of them. */
export const labelKeyPattern = '[A-Za-z0-9][A-Za-z0-9_.-]{0,59}';
const KEY = new RegExp(`^${labelKeyPattern}$`);
export const EXPECTED_KEY = '1 to 60 letters, digits, _, . and -, with a letter or digit first';

/** A label by the name that it has in questions, rules and answers, such as `label.team`. */
export type LabelName = `label.${string}`;
const PREFIX = 'label.';

export function isLabelKey(key: string): boolean {
  return KEY.test(key);
}

export function isLabelName(name: string): name is LabelName {
  return name.startsWith(PREFIX) && isLabelKey(name.slice(PREFIX.length));
}

export function keyOfLabel(name: LabelName): string {
  return name.slice(PREFIX.length);
}

const expectedLabels = `an object of at most ${MAX_LABELS} texts by key`;

/** The labels as they are stored: JSON with its keys in order, so that equal labels are equal texts. */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))));
}

/**
 * The labels that a tool's own words for a call give. Words that cannot be labels are left out, because a refused call
 * would be a lost cost. These are impossible or repeated keys, empty values, and more than an event has. A longer value
 * is cut.
 */
export function labelsOfTool(
  words: Iterable<readonly [string, unknown]>,
): Record<string, string> | undefined {
  const labels = new Map<string, string>();
  for (const [key, value] of words) {
    if (labels.size === MAX_LABELS) break;
    if (!isLabelKey(key) || labels.has(key) || value === undefined || value === null) continue;
    const text = cutText(withoutVariants(String(value)), MAX_VALUE).trim();
    if (!(readText(text, MAX_VALUE) instanceof Refusal)) labels.set(key, text);
  }
  return labels.size === 0 ? undefined : Object.fromEntries(labels);
}

function readLabels(value: unknown): string | Refusal {
  if (!isObject(value)) return new Refusal(expectedLabels);
  const given = Object.entries(value).filter(([, text]) => text !== null);
  if (given.length > MAX_LABELS) return new Refusal(`${expectedLabels}; it has ${given.length}`);
  const labels: [string, string][] = [];
  for (const [key, text] of given) {
    if (!isLabelKey(key))
      return new Refusal(`${expectedLabels}; a key is ${EXPECTED_KEY}, and not ${key.slice(0, 60)}`);
    const read = readText(typeof text === 'string' ? withoutVariants(text) : text, MAX_VALUE);
    if (read instanceof Refusal)
      return new Refusal(`${expectedLabels}; that of ${key} must be ${read.expected}`);
    labels.push([key, read]);
  }
  return labelsText(Object.fromEntries(labels));
}

/** The field of a type whose events can have labels. */
export const labels: Field = {
  column: 'labels',
  optional: true,
  about:
    'Your own words for the event, such as `{"team": "search"}`. Those that your org has declared can be grouped and filtered by',
  read: readLabels,
  jsonSchema: {
    type: 'object',
    maxProperties: MAX_LABELS,
    patternProperties: { [KEY.source]: { type: ['string', 'null'], minLength: 1, maxLength: MAX_VALUE } },
    additionalProperties: false,
  },
};
