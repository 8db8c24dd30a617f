import { CORE_SCHEMA, load } from 'js-yaml';
import { isObject } from '../../events/json-object.ts';

/** The entries of the lists `alerts` and `silences`, or why the whole text is refused. */
export type YamlEntries =
  | {
      entries: unknown[];
      silences: unknown[];
      /** Whether the file has the list `alerts`. An empty list says that no rules are wanted; a missing one says nothing. */
      hasAlerts: boolean;
    }
  | { refusal: string };

/** The most values in one entry: fields, elements, maps and lists. A rule has less than a hundred. */
const MOST_VALUES = 1_000;

/** The most silences in a file. */
const MOST_SILENCES = 1_000;

/** Reads the lists `alerts` and `silences` of a YAML text; one of them may be absent. Every entry is small enough to be handed to the thread of the requests. */
export function entriesOfYaml(text: string, mostEntries: number): YamlEntries {
  let content: unknown;
  try {
    content = load(text, { schema: CORE_SCHEMA });
  } catch (error) {
    return { refusal: `The body is not YAML: ${(error as Error).message.split('\n', 1)[0]}.` };
  }
  if (!isObject(content) || !('alerts' in content || 'silences' in content) || !isList(content.alerts)) {
    return {
      refusal: 'The body must be YAML with a list named alerts, one named silences or both, as in an export.',
    };
  }
  const { alerts: entries = [], silences = [] } = content;
  if (entries.length > mostEntries) {
    return {
      refusal: `The file has ${entries.length} alerts; at most ${mostEntries} can be imported at a time.`,
    };
  }
  if (!Array.isArray(silences) || silences.length > MOST_SILENCES)
    return { refusal: `silences must be a list of at most ${MOST_SILENCES} silences.` };
  const large = entries.findIndex(hasTooManyValues);
  if (large !== -1)
    return { refusal: `alerts[${large}] has more than ${MOST_VALUES} values; no rule has so many.` };
  const largeSilence = silences.findIndex(hasTooManyValues);
  if (largeSilence === -1) return { entries, silences, hasAlerts: 'alerts' in content };
  return {
    refusal: `silences[${largeSilence}] has more than ${MOST_VALUES} values; no silence has so many.`,
  };
}

function isList(value: unknown): value is unknown[] | undefined {
  return value === undefined || Array.isArray(value);
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
