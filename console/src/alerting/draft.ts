import type { paths } from '../api/schema.ts';

type Configs = '/api/v1/analytics/alerts/configs';

/** A rule as the service has it. */
export type Rule = paths[Configs]['get']['responses'][200]['content']['application/json']['configs'][number];

type Given = NonNullable<paths[Configs]['post']['requestBody']>['content']['application/json'];

/** A rule that somebody writes: the fields that can be changed. */
export type Draft = Given & Required<Pick<Given, 'name' | 'metric' | 'type' | 'threshold' | 'severity'>>;

export type RuleType = NonNullable<Given['type']>;
/** A step of the escalation, and a recipient of one. The recipients of a rule are such without a team. */
export type Step = NonNullable<Given['escalation']>[number];
export type StepChannel = Step['channels'][number];

/** What the service sets by itself. */
const ownFields = new Set([
  ...[
    'id',
    'version',
    'createdAt',
    'createdBy',
    'updatedAt',
    'updatedBy',
    'nextEvaluationAt',
    'waitingSince',
  ],
  ...['lastEvaluatedAt', 'failure', 'openAlerts', 'builtIn'],
]);

/** The part of a rule that can be changed. */
export function draftOf(rule: Rule): Draft {
  return Object.fromEntries(Object.entries(rule).filter(([name]) => !ownFields.has(name))) as Draft;
}

/** What a new rule may begin with: a chart, for example. */
export interface Beginning {
  metric?: string;
  by?: string;
  above?: number;
  within?: number;
}

/** A rule to begin with. */
export function newDraft(orgId: string | null, { metric, by, above, within }: Beginning = {}): Draft {
  return {
    ...{ orgId, name: '', metric: 'usage.error_rate', type: 'threshold_above', threshold: 0.05 },
    ...{ groupBy: ['modelId'], filters: {}, channels: [], windowSeconds: 300, forSeconds: 300 },
    severity: 'warning',
    ...(metric !== undefined && { metric, groupBy: by === undefined ? [] : [by] }),
    ...(above !== undefined && { threshold: above }),
    ...(within !== undefined && { windowSeconds: within, forSeconds: 0 }),
  } as Draft;
}

/** How a threshold is written: a share as per cent, cents as units of the currency. */
export interface Scale {
  /** The number in the field is the threshold times this. */
  factor: number;
  unit: string;
}

export function scaleOf(type: RuleType, unit: string | undefined): Scale {
  if (type === 'rate_of_change') return { factor: 1, unit: '%' };
  if (type === 'anomaly') return { factor: 1, unit: 'deviations' };
  if (unit === 'ratio') return { factor: 100, unit: '%' };
  if (unit === 'cents') return { factor: 0.01, unit: '$' };
  if (unit === 'milliseconds') return { factor: 1, unit: 'ms' };
  return { factor: 1, unit: unit === 'seconds' ? 's' : '' };
}

/** A threshold as the field shows it, without the noise of binary fractions. */
export function toField(value: number | null | undefined, { factor }: Scale): string {
  return value == null ? '' : String(Number((value * factor).toPrecision(12)));
}

export function fromField(text: string, { factor }: Scale): number {
  return Number((Number(text) / factor).toPrecision(12));
}

/** A number with as many digits as somebody would write: what a drag ends at. */
export function roundedTo(value: number, digits = 2): number {
  return Number(value.toPrecision(digits));
}

export interface Fault {
  path: string;
  message: string;
}

/** The faults of a field, such as `groupBy` for `$.groupBy.0`. */
export function faultsOf(faults: readonly Fault[], field: string): Fault[] {
  return faults.filter(({ path }) => path.replace(/^\$\.?/, '').split('.')[0] === field);
}

/** A rule as YAML, in the format of exports. JSON texts are YAML texts. */
export function yamlOf(draft: Draft): string {
  const lines = Object.entries(draft)
    .filter(([name, value]) => value !== undefined && name !== 'silencedUntil')
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return `alerts:\n  - ${lines.join('\n    ')}\n`;
}
