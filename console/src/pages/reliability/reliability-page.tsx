import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { CallFilterChips } from '../../calls/filter-chips.tsx';
import { readCallFilters } from '../../calls/filters.ts';
import { reliabilityByBucket } from '../../calls/reliability.ts';
import { Button } from '../../parts/button.tsx';
import { Empty } from '../../parts/empty.tsx';
import { usePageSearch } from '../../question/page-search.ts';
import { useQuestion, useSetSearch } from '../../question/question.ts';
import { words } from '../../words/reliability.ts';
import { ErrorCodes } from './error-codes.tsx';
import { HeatTable } from './heat-table.tsx';
import { ErrorRate, Failures, Latency } from './over-time.tsx';
import styles from './reliability.module.css';
import { percentilesOf, readReliability } from './search.ts';
import { SlowestModels } from './slowest-models.tsx';

/** How many calls failed, how long they took, and where. */
export function ReliabilityPage(): ReactNode {
  const question = useQuestion();
  const search = usePageSearch(readReliability);
  const filters = readCallFilters({ ...search });
  const percentiles = percentilesOf(search);
  const answer = useQuery(reliabilityByBucket(question, filters, percentiles));
  const setSearch = useSetSearch();
  const part = { question, filters };
  if (answer.data?.totals.invocations === 0) {
    const wider = <Button onClick={() => setSearch({ range: '30d' })}>{words.empty.action}</Button>;
    return (
      <>
        <CallFilterChips filters={filters} />
        <Empty title={words.empty.title} action={wider}>
          {words.empty.text}
        </Empty>
      </>
    );
  }
  return (
    <>
      <CallFilterChips filters={filters} />
      <div className={styles.halves}>
        <ErrorRate {...part} answer={answer} />
        <Latency {...part} answer={answer} percentiles={percentiles} />
      </div>
      <Failures {...part} answer={answer} />
      <HeatTable {...part} measure={search.heat ?? 'errorRate'} />
      <div className={styles.halves}>
        <ErrorCodes {...part} />
        <SlowestModels {...part} sort={search.sort ?? '-p95'} />
      </div>
    </>
  );
}
