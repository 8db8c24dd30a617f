import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { usePageSearch } from '../../question/page-search.ts';
import { useQuestion } from '../../question/question.ts';
import { usageByBucket } from '../../usage/queries.ts';
import { Breakdown } from './breakdown.tsx';
import { FilterChips } from './filter-chips.tsx';
import { MonthForecast } from './month-forecast.tsx';
import { readUsage } from './search.ts';
import { UsageChart } from './usage-chart.tsx';

/** Who used how much, and what it cost. */
export function UsagePage(): ReactNode {
  const question = useQuestion();
  const search = usePageSearch(readUsage);
  const { group = 'model' } = search;
  const series = useQuery(usageByBucket(question, search, group));
  return (
    <>
      <FilterChips search={search} />
      <UsageChart question={question} search={search} answer={series} />
      <Breakdown question={question} search={search} />
      <MonthForecast question={question} search={search} />
    </>
  );
}
