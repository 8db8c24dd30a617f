import { useQuery } from '@tanstack/react-query';
import { rulesOf } from '../../alerting/rule-queries.ts';
import { useMay } from '../../api/may.ts';
import type { ChartData } from '../../charts/chart-data.ts';
import { otherColour } from '../../colour/palette.ts';
import { words } from '../../words/usage.ts';

/** The most that an org wants to spend in a bucket. */
export interface Budget {
  name: string;
  dollars: number;
}

/** The lowest threshold of the rules that watch the whole spend of an org in windows as long as a bucket. */
export function useBudget(org: string, buckets: readonly number[], isWanted: boolean): Budget | undefined {
  const enabled = useMay('alerts:read') && isWanted;
  const { data } = useQuery({ ...rulesOf(org), enabled });
  const [first, second] = buckets;
  if (!enabled || first === undefined || second === undefined) return undefined;
  const [lowest] = (data?.configs ?? [])
    .filter(
      ({ metric, type, enabled: isOn }) => metric === 'usage.cost' && type === 'threshold_above' && isOn,
    )
    .filter(({ groupBy, filters }) => groupBy.length === 0 && Object.keys(filters).length === 0)
    .filter(({ windowSeconds }) => windowSeconds === (second - first) / 1_000)
    .sort((one, other) => one.threshold - other.threshold);
  return lowest && { name: lowest.name, dollars: lowest.threshold / 100 };
}

/** The chart with the budget as a dashed line. */
export function withBudget(chart: ChartData, budget: Budget | undefined): ChartData {
  if (budget === undefined) return chart;
  const values = chart.buckets.map(() => budget.dollars);
  const line = {
    id: 'budget',
    label: words.budget(budget.name),
    colour: otherColour,
    values,
    isComparison: true,
  };
  return { ...chart, series: [...chart.series, line] };
}
