import { choice, Refusal, readText } from '../../events/field.ts';
import { isObject } from '../../events/json-object.ts';
import { channelNames, severities } from '../../notifications/notice/notice.ts';
import { EXPECTED_RUNBOOK, isRunbookUrl } from '../../notifications/notice/runbook.ts';
import { isRecipient, recipientForms } from '../../notifications/routing/recipient.ts';
import { showHidden } from '../../plain-text.ts';
import { isTimeZone } from '../../queries/reading/time-buckets.ts';
import {
  directions,
  type EscalationStep,
  MAX_STEPS,
  noDataMeanings,
  type Rule,
  type RuleChannel,
  ruleTypes,
  type StepChannel,
} from './rule.ts';

/** The reader of one field of a rule, and its value if the field is absent. A field without `absent` is required. */
export interface RuleField<T> {
  read(value: unknown): T | Refusal;
  absent?: T;
}

const MAX_FILTERS = 20;
const MAX_GROUPINGS = 4;
const MAX_CHANNELS = 20;
const DAY_SECONDS = 86_400;
const LARGEST = 1e15;

function line(maxLength: number, least = 1) {
  return (value: unknown): string | Refusal => {
    if (least === 0 && value === '') return '';
    const read = readText(value, maxLength);
    if (read instanceof Refusal) return read;
    // A name becomes a header of a mail and one line of a message.
    if (read.trim() === '' || showHidden(read) !== read) {
      return new Refusal(`one line of 1 to ${maxLength} characters, without control characters`);
    }
    return read;
  };
}

function oneOf<T extends string>(names: readonly T[]) {
  return choice(names, { about: '' }).read as (value: unknown) => T | Refusal;
}

function number(least = -LARGEST, most = LARGEST, said = 'a number') {
  return (value: unknown): number | Refusal =>
    typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most
      ? value
      : new Refusal(said);
}

function whole(least: number, most: number, unit: string) {
  return (value: unknown): number | Refusal =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
      ? value
      : new Refusal(`a whole number of ${unit} from ${least} to ${most}`);
}

function orNull<T>(read: (value: unknown) => T | Refusal) {
  return (value: unknown): T | null | Refusal => (value === null ? null : read(value));
}

function readRunbook(value: unknown): string | Refusal {
  return typeof value === 'string' && isRunbookUrl(value) ? value : new Refusal(EXPECTED_RUNBOOK);
}

function readZone(value: unknown): string | Refusal {
  if (typeof value === 'string' && value.length <= 60 && isTimeZone(value)) return value;
  return new Refusal('an IANA time zone, such as Europe/Berlin');
}

function truth(value: unknown): boolean | Refusal {
  return typeof value === 'boolean' ? value : new Refusal('true or false');
}

function readFilters(value: unknown): Record<string, string> | Refusal {
  const expected = new Refusal(`an object of at most ${MAX_FILTERS} texts, by dimension`);
  if (!isObject(value)) return expected;
  const entries = Object.entries(value);
  if (entries.length > MAX_FILTERS) return expected;
  const read = entries.map(([name, text]) => [
    name,
    readText(typeof text === 'number' ? String(text) : text, 300),
  ]);
  return read.some(([, text]) => text instanceof Refusal) ? expected : Object.fromEntries(read);
}

function readGroupBy(value: unknown): string[] | Refusal {
  return Array.isArray(value) &&
    value.length <= MAX_GROUPINGS &&
    value.every((name) => typeof name === 'string') &&
    new Set(value).size === value.length
    ? value
    : new Refusal(`an array of at most ${MAX_GROUPINGS} different dimensions`);
}

function readChannel(value: unknown): RuleChannel | Refusal {
  if (!isObject(value)) return new Refusal('objects with channel and, for a named recipient, to');
  const unknown = Object.keys(value).find((key) => key !== 'channel' && key !== 'to');
  if (unknown !== undefined)
    return new Refusal(`objects with only channel and to; ${unknown} is not a field`);
  const channel = channelNames.find((name) => name === value.channel);
  if (!channel) return new Refusal(`channels, each one of ${channelNames.join(', ')}`);
  if (value.to === undefined || value.to === null) return { channel };
  return isRecipient(channel, value.to)
    ? { channel, to: value.to }
    : new Refusal(`for ${channel} as "to": ${recipientForms[channel].expected}`);
}

function readChannels(value: unknown): RuleChannel[] | Refusal {
  if (!Array.isArray(value) || value.length > MAX_CHANNELS) {
    return new Refusal(`an array of at most ${MAX_CHANNELS} channels`);
  }
  const read = value.map(readChannel);
  return read.find((channel) => channel instanceof Refusal) ?? (read as RuleChannel[]);
}

/** The least time of a step: before that, people cannot have acknowledged. */
const LEAST_AFTER = 10;
const TEAM = /^[^\p{Cc}]{1,200}$/u;

function readStepChannel(value: unknown): StepChannel | Refusal {
  if (!isObject(value) || value.team === undefined || value.team === null) return readChannel(value);
  const { team, ...named } = value;
  if (typeof team !== 'string' || !TEAM.test(team)) return new Refusal('a team by its id');
  if (named.to !== undefined && named.to !== null) return new Refusal('either to or team, not both');
  const channel = readChannel(named);
  return channel instanceof Refusal ? channel : { ...channel, team };
}

function readStep(value: unknown): EscalationStep | Refusal {
  if (!isObject(value)) return new Refusal('objects with afterSeconds and channels');
  const unknown = Object.keys(value).find((key) => key !== 'afterSeconds' && key !== 'channels');
  if (unknown !== undefined)
    return new Refusal(`objects with only afterSeconds and channels; ${unknown} is not a field`);
  const afterSeconds = whole(LEAST_AFTER, 7 * DAY_SECONDS, 'seconds')(value.afterSeconds);
  if (afterSeconds instanceof Refusal)
    return new Refusal(`steps with afterSeconds, ${afterSeconds.expected}`);
  const { channels: given } = value;
  if (!Array.isArray(given) || given.length === 0 || given.length > MAX_CHANNELS)
    return new Refusal(`steps with an array of 1 to ${MAX_CHANNELS} channels`);
  const channels = given.map(readStepChannel);
  const refused = channels.find((channel) => channel instanceof Refusal);
  if (refused) return refused;
  return { afterSeconds, channels: channels as StepChannel[] };
}

function readEscalation(value: unknown): EscalationStep[] | Refusal {
  if (!Array.isArray(value) || value.length > MAX_STEPS)
    return new Refusal(`an array of at most ${MAX_STEPS} steps`);
  const read = value.map(readStep);
  const refused = read.find((step) => step instanceof Refusal);
  if (refused) return refused;
  const steps = read as EscalationStep[];
  const isAscending = steps.every(
    ({ afterSeconds }, index) => afterSeconds > (steps[index - 1]?.afterSeconds ?? 0),
  );
  return isAscending
    ? steps
    : new Refusal('steps in the order of their afterSeconds, each later than the one before');
}

/**
 * Every field of a rule. `null` stands for a default that depends on other fields; `checkRule` checks fields together.
 */
export const ruleFields: {
  [K in keyof Rule]: RuleField<Rule[K] | null>;
} = {
  name: { read: line(120) },
  description: { read: line(1_000, 0), absent: '' },
  runbookUrl: { read: orNull(readRunbook), absent: null },
  metric: { read: line(100) },
  expression: {
    read: orNull((value) => (typeof value === 'string' ? value : new Refusal('a PromQL expression'))),
    absent: null,
  },
  filters: { read: readFilters, absent: {} },
  groupBy: { read: readGroupBy, absent: [] },
  type: { read: oneOf(ruleTypes) },
  threshold: { read: number(), absent: null },
  recoveryThreshold: { read: orNull(number()), absent: null },
  direction: { read: oneOf(directions), absent: 'both' },
  floor: { read: orNull(number(0, LARGEST, 'a number, 0 or more')), absent: null },
  minimumChange: { read: number(0, LARGEST, 'a number, 0 or more'), absent: 0 },
  timezone: { read: orNull(readZone), absent: null },
  windowSeconds: { read: whole(1, 7 * DAY_SECONDS, 'seconds'), absent: null },
  forSeconds: { read: whole(0, 7 * DAY_SECONDS, 'seconds'), absent: 0 },
  recoverySeconds: { read: orNull(whole(0, 7 * DAY_SECONDS, 'seconds')), absent: null },
  intervalSeconds: { read: whole(5, DAY_SECONDS, 'seconds'), absent: 60 },
  onData: { read: truth, absent: false },
  minimumSamples: { read: orNull(whole(0, 1e9, 'samples')), absent: null },
  cooldownSeconds: { read: orNull(whole(0, 30 * DAY_SECONDS, 'seconds')), absent: null },
  repeatSeconds: { read: orNull(whole(0, 30 * DAY_SECONDS, 'seconds')), absent: null },
  groupGoneSeconds: { read: orNull(whole(0, 30 * DAY_SECONDS, 'seconds')), absent: null },
  severity: { read: oneOf(severities), absent: 'warning' },
  noData: { read: oneOf(noDataMeanings), absent: 'keep' },
  channels: { read: readChannels, absent: [] },
  escalation: { read: readEscalation, absent: [] },
  enabled: { read: truth, absent: true },
};
