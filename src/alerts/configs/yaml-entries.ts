import { CORE_SCHEMA, load } from 'js-yaml';
import { isObject } from '../../events/json-object.ts';

/** The entries of the list `alerts`, or why the whole text is refused. */
export type YamlEntries = { entries: unknown[] } | { refusal: string };

/** The most values in one entry: fields, elements, maps and lists. A rule has less than a hundred. */
const MOST_VALUES = 1_000;

/** Reads the list `alerts` of a YAML text. Every entry is small enough to be handed to the thread of the requests. */
export function entriesOfYaml(text: string, mostEntries: number): YamlEntries {
  let content: unknown;
  try {
    content = load(text, { schema: CORE_SCHEMA });
  } catch (error) {
    return { refusal: `The body is not YAML: ${(error as Error).message.split('\n', 1)[0]}.` };
  }
  if (!isObject(content) || !Array.isArray(content.alerts)) {
    return { refusal: 'The body must be YAML with a list named alerts, as in an export.' };
  }
  const entries: unknown[] = content.alerts;
  if (entries.length > mostEntries) {
    return {
      refusal: `The file has ${entries.length} alerts; at most ${mostEntries} can be imported at a time.`,
    };
  }
  const large = entries.findIndex(hasTooManyValues);
  if (large === -1) return { entries };
  return { refusal: `alerts[${large}] has more than ${MOST_VALUES} values; no rule has so many.` };
}

/** Counts a value again wherever an alias repeats it. It keeps its own stack, so deep nesting does no harm. */
function hasTooManyValues(entry: unknown): boolean {
  const open = [entry];
  let count = 0;
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const inner = typeof value === 'object' && value !== null ? Object.values(value) : [];
    count += inner.length;
    if (count > MOST_VALUES) return true;
    open.push(...inner.filter((one) => typeof one === 'object' && one !== null));
  }
  return false;
}
