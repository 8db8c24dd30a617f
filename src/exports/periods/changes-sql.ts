import type { PoolClient } from 'pg';
import { planRead } from '../../queries/reading/read-plan.ts';
import type { Bucketing } from '../../queries/reading/time-buckets.ts';
import { chargeDimensions, chargeNumbers } from '../charges/charge.ts';
import { type ChargesWanted, chargesSql, type Statement } from '../charges/charges-sql.ts';
import { chargedTypes } from '../charges/reconcile-charges.ts';
import type { ExportRequest } from '../request.ts';
import { addMonths } from './month.ts';

/** A month that is being closed. */
export interface ClosingMonth {
  request: ExportRequest;
  /** Its first moment; milliseconds. */
  month: number;
  now: number;
}

const bucketings = { hourly: 'hour', daily: 'day', monthly: 'month' } as const satisfies Record<
  ExportRequest['granularity'],
  Bucketing
>;

/** A month is corrected for so many months. Rollups of days are kept a little longer. */
export const MONTHS_CORRECTED = 12;

const DIMENSIONS = ['type', ...chargeDimensions].join(', ');
const NUMBERS = chargeNumbers.join(', ');
const SUMS = chargeNumbers.map((number) => `sum(${number}) as ${number}`).join(', ');
const ANY_LEFT = chargeNumbers.map((number) => `sum(${number}) <> 0`).join(' or ');

/** The charges of a month, or of some months before it, as the rollups have them. */
export function wantedCharges(
  { request, now }: ClosingMonth,
  range: { start: number; end: number },
  bucketing: Bucketing = bucketings[request.granularity],
): ChargesWanted {
  const { orgId, models, dataset } = request;
  const types = dataset === 'focus' && models.length === 0 ? chargedTypes : (['usage'] as const);
  return { orgId, models, types, plan: planRead({ range, timezone: 'UTC', now }, bucketing) };
}

/** The rows of the month itself: its charges, less what files of other months have told of it already. */
export function ownRowsSql(client: PoolClient, closing: ClosingMonth): Promise<Statement> {
  const range = { start: closing.month, end: addMonths(closing.month, 1) };
  return changesSql(client, closing, {
    wanted: wantedCharges(closing, range),
    told: 'bucket_start, bucket_end',
    corrects: 'null::timestamptz',
  });
}

/**
 * The rows that correct closed months before this one: their charges now, less what files have told of them. They are by
 * day, or by month where files are.
 * @param closed the first moments of the closed months
 */
export function correctionsSql(
  client: PoolClient,
  closing: ClosingMonth,
  closed: readonly number[],
): Promise<Statement> {
  const unit = closing.request.granularity === 'monthly' ? 'month' : 'day';
  const range = { start: Math.min(...closed), end: addMonths(Math.max(...closed), 1) };
  return changesSql(client, closing, {
    wanted: wantedCharges(closing, range, unit),
    told: `date_trunc('${unit}', bucket_start, 'UTC') as bucket_start,
      (date_trunc('${unit}', bucket_start, 'UTC') at time zone 'UTC' + interval '1 ${unit}') at time zone 'UTC' as bucket_end`,
    corrects: `date_trunc('month', bucket_start, 'UTC')`,
    closed,
  });
}

interface Changes {
  wanted: ChargesWanted;
  /** The bucket of a row that was told, as two columns. */
  told: string;
  /** The closed month that a row corrects. */
  corrects: string;
  /** Only rows of these months. */
  closed?: readonly number[];
}

/** Adds up what is and what was told with its sign turned: what is left is new. */
async function changesSql(
  client: PoolClient,
  { request, month }: ClosingMonth,
  { wanted, told, corrects, closed }: Changes,
): Promise<Statement> {
  const { boundaries } = wanted.plan;
  const { text, values } = await chargesSql(client, wanted);
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const dates = boundaries.map((boundary) => new Date(boundary));
  const starts = `${parameter(dates.slice(0, -1))}::timestamptz[]`;
  const ends = `${parameter(dates.slice(1))}::timestamptz[]`;
  const from = parameter(dates[0]);
  const to = parameter(dates.at(-1));
  const dataset = parameter(request.dataset);
  const period = parameter(new Date(month));
  const months = closed && `${parameter(closed.map((at) => new Date(at)))}::timestamptz[]`;
  const negated = chargeNumbers.map((number) => `-${number}`).join(', ');
  return {
    text: `
    with charges as (${text}),
    current as (
      select b.bucket_start, b.bucket_end, ${DIMENSIONS}, ${NUMBERS}
      from charges c
      join unnest(${starts}, ${ends}) with ordinality as b (bucket_start, bucket_end, n) on b.n = c.bucket + 1
    ),
    changes as (
      select * from current
      union all
      select ${told}, ${DIMENSIONS}, ${negated}
      from analytics.delivered_charges
      where org_id = $1 and dataset = ${dataset} and not superseded and period <> ${period}
        and bucket_start >= ${from} and bucket_start < ${to}
    )
    select bucket_start, bucket_end, ${DIMENSIONS}, ${corrects} as corrects,
      case when ${corrects} is null then null when sum(events) <> 0 then 'late_events' else 'repricing' end as reason,
      ${SUMS}
    from changes
    where ${months === undefined ? 'true' : `date_trunc('month', bucket_start, 'UTC') = any(${months})`}
    group by bucket_start, bucket_end, ${DIMENSIONS}
    having ${ANY_LEFT}`,
    values,
  };
}
