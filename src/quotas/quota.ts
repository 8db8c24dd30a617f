import type { Config } from '../config.ts';
import { CodedError } from '../errors.ts';
import { DAY } from '../time.ts';

/** Everything that an org can have, or do in a day, only so often. */
export const quotaNames = [
  'rules',
  'api_keys',
  'webhooks',
  'preferences',
  'series',
  'detailed_series',
  'events_per_day',
  'stored_bytes',
  'pending_notices',
  'open_exports',
  'trials_per_day',
  'sms_per_day',
  'emails_per_day',
] as const;

export type QuotaName = (typeof quotaNames)[number];

interface Quota {
  /** The variable of its setting. */
  env: string;
  /** Ends the sentence "The org has 10 of 10 …". */
  unit: string;
  /** What the caller can do. */
  remedy: string;
}

const TOMORROW = 'Wait until 00:00 UTC';

const quotas: Readonly<Record<QuotaName, Quota>> = {
  rules: { env: 'QUOTA_RULES', unit: 'alert rules', remedy: 'Remove some' },
  api_keys: { env: 'QUOTA_API_KEYS', unit: 'API keys', remedy: 'Revoke some' },
  webhooks: { env: 'QUOTA_WEBHOOKS', unit: 'webhooks', remedy: 'Remove some' },
  preferences: { env: 'QUOTA_PREFERENCES', unit: 'notification preferences', remedy: 'Remove some' },
  series: {
    env: 'QUOTA_SERIES',
    unit: 'series',
    remedy: 'Send fewer different values of dimensions such as modelId and clientId',
  },
  detailed_series: {
    env: 'QUOTA_DETAILED_SERIES',
    unit: 'series with their clients and labels',
    remedy: 'New clients and values of labels count as (other). Send fewer different ones',
  },
  events_per_day: {
    env: 'QUOTA_EVENTS_PER_DAY',
    unit: 'events a day',
    remedy: TOMORROW,
  },
  stored_bytes: {
    env: 'QUOTA_STORED_BYTES',
    unit: 'bytes of kept events',
    remedy: 'Wait until old events are removed',
  },
  pending_notices: {
    env: 'QUOTA_PENDING_NOTICES',
    unit: 'unsent notices',
    remedy: 'Make rules that fire less often',
  },
  open_exports: {
    env: 'QUOTA_OPEN_EXPORTS',
    unit: 'unfinished exports',
    remedy: 'Wait until some are done, or cancel some',
  },
  trials_per_day: {
    env: 'QUOTA_TRIALS_PER_DAY',
    unit: 'test notices a day',
    remedy: TOMORROW,
  },
  sms_per_day: {
    env: 'QUOTA_SMS_PER_DAY',
    unit: 'SMS a day',
    remedy: TOMORROW,
  },
  emails_per_day: {
    env: 'QUOTA_EMAILS_PER_DAY',
    unit: 'emails a day',
    remedy: TOMORROW,
  },
};

/** The limit of each quota for every org; 0: there is none. */
export interface Limits extends Readonly<Record<QuotaName, number>> {
  /** The days, with today, whose events count as kept. */
  readonly keptDays: number;
}

/** The settings that limits come from. */
export type QuotaSettings = Pick<
  Config,
  | 'quotaRules'
  | 'quotaApiKeys'
  | 'quotaWebhooks'
  | 'quotaPreferences'
  | 'quotaSeries'
  | 'quotaDetailedSeries'
  | 'quotaEventsPerDay'
  | 'quotaStoredBytes'
  | 'quotaPendingNotices'
  | 'quotaOpenExports'
  | 'rawRetention'
  | 'quotaTrialsPerDay'
  | 'quotaSmsPerDay'
  | 'quotaEmailsPerDay'
>;

export function limitsOf(config: QuotaSettings): Limits {
  return {
    rules: config.quotaRules,
    api_keys: config.quotaApiKeys,
    webhooks: config.quotaWebhooks,
    preferences: config.quotaPreferences,
    series: config.quotaSeries,
    detailed_series: config.quotaDetailedSeries,
    events_per_day: config.quotaEventsPerDay,
    stored_bytes: config.quotaStoredBytes,
    pending_notices: config.quotaPendingNotices,
    open_exports: config.quotaOpenExports,
    trials_per_day: config.quotaTrialsPerDay,
    sms_per_day: config.quotaSmsPerDay,
    emails_per_day: config.quotaEmailsPerDay,
    keptDays: Math.ceil(config.rawRetention / DAY),
  };
}

/** Says that an org has reached a quota, with the limit and what to do. */
export function quotaSentence(quota: QuotaName, limit: number): string {
  const { env, unit, remedy } = quotas[quota];
  return `The quota ${quota} of the org is reached: ${limit} ${unit}. ${remedy}, or ask the operator to raise ${env}.`;
}

/** The error for an org that has reached a quota. @param retryAfterSeconds when it may have room again */
export function quotaExceeded(quota: QuotaName, limit: number, retryAfterSeconds?: number): CodedError {
  return new CodedError('quota_exceeded', quotaSentence(quota, limit), {
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}
