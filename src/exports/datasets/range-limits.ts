import { CodedError, refuseField } from '../../errors.ts';
import { planRead, type ReadPlan } from '../../queries/reading/read-plan.ts';
import type { Bucketing } from '../../queries/reading/time-buckets.ts';
import { DAY } from '../../time.ts';
import type { ExportGranularity, ExportRequest } from '../request.ts';

const UNITS = { hourly: 'hour', daily: 'day', monthly: 'month' } as const;

/** The longest range of hours, and how far back hours are kept. */
const LONGEST_HOURLY = 31 * DAY;
const HOURS_BACK = 90 * DAY;
/** 13 months, as long as they can be. */
const LONGEST_DAILY = 397 * DAY;

/** The buckets of the rollups, by the name that exports have for them. */
export const bucketingOf = {
  hourly: 'hour',
  daily: 'day',
  monthly: 'month',
} as const satisfies Record<ExportGranularity, Bucketing>;

/**
 * Plans the reading of an export from rollups, which must cover its range exactly.
 * @throws {CodedError} `invalid_request`, `range_not_kept`
 */
export function planExport({ range, granularity, timezone }: ExportRequest, now: number): ReadPlan {
  const longest = granularity === 'hourly' ? LONGEST_HOURLY : LONGEST_DAILY;
  if (range.end - range.start > longest) {
    const allowed = granularity === 'hourly' ? '31 days; use daily, or a shorter range' : '13 months';
    throw refuseField('$.timeRange', `is longer than an export by ${UNITS[granularity]} may be: ${allowed}`);
  }
  if (granularity === 'hourly' && range.start < now - HOURS_BACK) {
    throw notKept(`hours are kept since ${iso(now - HOURS_BACK)}; start there, or use daily`);
  }
  const plan = planRead({ range, timezone, now }, bucketingOf[granularity]);
  const { covered } = plan;
  if (covered.start !== range.start || covered.end !== range.end) {
    throw notKept(
      `the numbers of that time are kept for ${iso(covered.start)} to ${iso(covered.end)}; use these`,
    );
  }
  return plan;
}

function notKept(message: string): CodedError {
  return new CodedError('range_not_kept', `In the body: $.timeRange ${message}.`, {
    faults: [{ path: '$.timeRange', message }],
  });
}

function iso(millis: number): string {
  return new Date(millis).toISOString();
}
