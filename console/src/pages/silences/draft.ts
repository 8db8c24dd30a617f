import { ALL_ORGS } from '../../question/question.ts';
import { fieldText, momentOfField } from '../../range/field.ts';
import type { Day, NewSilence, Silence } from './queries.ts';

const HOUR = 3_600_000;

/** How long a silence that begins now may last. */
export const lengths = { hour: HOUR, fourHours: 4 * HOUR, day: 24 * HOUR, week: 168 * HOUR } as const;
export type Length = keyof typeof lengths | 'until';

export const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const satisfies readonly Day[];
export const severities = ['info', 'warning', 'critical'] as const;

/** A silence as the form has it. Moments are as fields have them, on the clock of `timeZone`. */
export interface Draft {
  reason: string;
  which: 'all' | 'some';
  rules: string[];
  /** Lines such as `modelId=gpt-4o`. */
  labels: string;
  severities: (typeof severities)[number][];
  kind: 'once' | 'window';
  length: Length;
  from: string;
  to: string;
  days: Day[];
  opens: string;
  closes: string;
  timeZone: string;
  last: string;
}

/** A form to begin with: for these rules and values, or for all. */
export function newDraft(timeZone: string, rules: readonly string[], labels: readonly string[]): Draft {
  return {
    ...{ reason: '', which: rules.length > 0 ? 'some' : 'all', rules: [...rules], labels: labels.join('\n') },
    ...{ severities: [], kind: 'once', length: 'hour', from: '', to: '', days: ['sat', 'sun'] },
    ...{ opens: '22:00', closes: '06:00', timeZone, last: '' },
  };
}

/** The form of a silence that is there. */
export function draftOf(silence: Silence, timeZone: string): Draft {
  const { rules, labels, recurrence, startsAt, endsAt } = silence;
  const field = (at: string | null, zone: string) => (at === null ? '' : fieldText(Date.parse(at), zone));
  const lines = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const begun = {
    ...newDraft(timeZone, rules, lines),
    reason: silence.reason,
    severities: silence.severities,
  };
  if (recurrence === null)
    return { ...begun, length: 'until', from: field(startsAt, timeZone), to: field(endsAt, timeZone) };
  const { days: on, from: opens, to: closes, timezone } = recurrence;
  const last = field(endsAt, timezone);
  return { ...begun, kind: 'window', days: on, opens, closes, timeZone: timezone, last };
}

/** The lines of the labels, and the first that is none. */
export function labelsOf(text: string): { labels: Record<string, string>; wrong: string | undefined } {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const pairs = lines.map((line) => line.split(/\s*=\s*(.*)/s).slice(0, 2));
  return {
    labels: Object.fromEntries(pairs.map(([name = '', value = '']) => [name, value])),
    wrong: lines.find((_, index) => pairs[index]?.every(Boolean) !== true || pairs[index]?.length !== 2),
  };
}

/** What the service is asked for. */
export function silenceOf(draft: Draft, org: string, now: number): NewSilence {
  const { reason, which, rules, kind, timeZone } = draft;
  const moment = (field: string) =>
    field === '' ? null : new Date(momentOfField(field, timeZone)).toISOString();
  const time =
    kind === 'window'
      ? {
          recurrence: { days: draft.days, from: draft.opens, to: draft.closes, timezone: timeZone },
          endsAt: moment(draft.last),
        }
      : draft.length === 'until'
        ? { startsAt: moment(draft.from), endsAt: moment(draft.to) }
        : { endsAt: new Date(now + lengths[draft.length]).toISOString() };
  return {
    ...(org !== ALL_ORGS && { orgId: org }),
    ...{ reason: reason.trim(), rules: which === 'some' ? rules : [] },
    ...{ labels: labelsOf(draft.labels).labels, severities: draft.severities },
    ...time,
  };
}
