import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useMay } from '../api/may.ts';
import { keepShared } from '../shell/keys.ts';
import { words } from '../words/rules.ts';
import { type Beginning, roundedTo } from './draft.ts';

/** A day is the longest window that the form of a rule has. */
const LONGEST_WINDOW = 86_400;

interface AlertFromChartProps {
  /** The metric that the chart shows; nothing, if rules have none for it. */
  metric: string | undefined;
  by?: string | undefined;
  buckets: readonly number[];
  /** The values of the chart, in the unit of the metric. */
  values: readonly (number | null)[];
}

/** Leads to a new rule that would fire above what the chart shows. */
export function AlertFromChart({ metric, by, buckets, values }: AlertFromChartProps): ReactNode {
  const mayWrite = useMay('alerts:write');
  const [first, second] = buckets;
  if (metric === undefined || !mayWrite || first === undefined) return null;
  const most = Math.max(0, ...values.map((value) => value ?? 0));
  const beginning: Beginning = {
    ...{ metric, ...(by !== undefined && { by }), above: roundedTo(most) },
    ...(second !== undefined && { within: Math.min((second - first) / 1_000, LONGEST_WINDOW) }),
  };
  const search = ((before: Record<string, unknown>) => ({
    ...(keepShared as (search: Record<string, unknown>) => object)(before),
    ...beginning,
  })) as never;
  return (
    <Link to="/rules/new" search={search}>
      {words.fromChart}
    </Link>
  );
}
