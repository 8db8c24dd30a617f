import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { exactCount } from '../../numbers/count.ts';
import { duration, exactDuration } from '../../numbers/duration.ts';
import { exactMoney } from '../../numbers/money.ts';
import { exactPercent } from '../../numbers/percent.ts';
import { Button } from '../../parts/button.tsx';
import { Empty } from '../../parts/empty.tsx';
import { FailurePanel } from '../../parts/failure-panel.tsx';
import { Change } from '../../parts/figures/change.tsx';
import { Tile, Tiles } from '../../parts/figures/tile.tsx';
import { Count, Money, Share, Value } from '../../parts/figures/value.tsx';
import { Skeleton } from '../../parts/panel.tsx';
import { Status } from '../../parts/status.tsx';
import { usePageSearch } from '../../question/page-search.ts';
import { useQuestion, useSetSearch } from '../../question/question.ts';
import { keepShared } from '../../shell/keys.ts';
import { words } from '../../words/ml.ts';
import { MlChart } from './ml-chart.tsx';
import { MlErrors, MlTable } from './ml-tables.tsx';
import { type Ml, mlOverview } from './queries.ts';
import { readMl } from './search.ts';

/** The jobs of ML pipelines: how many, how well, how long, and for how much. */
export function MlPage(): ReactNode {
  const question = useQuestion();
  const search = usePageSearch(readMl);
  const answer = useQuery(mlOverview(question, search));
  const setSearch = useSetSearch();
  const { data, error } = answer;
  if (data === undefined && error !== null)
    return <FailurePanel error={error} onRetry={() => void answer.refetch()} />;
  if (data === undefined) return <Skeleton height={500} />;
  if (data.totals.jobs.value === 0) {
    const wider = <Button onClick={() => setSearch({ range: '30d' })}>{words.empty.action}</Button>;
    return (
      <Empty title={words.empty.title} action={wider}>
        {words.empty.text}
      </Empty>
    );
  }
  const { unpricedJobs } = data.totals;
  return (
    <>
      {error !== null && <FailurePanel error={error} onRetry={() => void answer.refetch()} isOlderShown />}
      <MlTiles totals={data.totals} series={data.series} />
      {(unpricedJobs.value ?? 0) > 0 && (
        <p>
          <Status level="warning">{words.unpriced(exactCount(unpricedJobs.value))}</Status>{' '}
          <Link to="/prices" search={keepShared}>
            {words.toPrices}
          </Link>
        </p>
      )}
      <MlChart {...{ question, search, answer }} />
      <MlTable {...{ question, search, answer }} />
      <MlErrors answer={answer} />
    </>
  );
}

function MlTiles({ totals, series }: Pick<Ml, 'totals' | 'series'>): ReactNode {
  const { jobs, successRate, durationP95Ms, costCents } = totals;
  const cost = dollarsOf(costCents.value);
  return (
    <Tiles>
      <Tile
        label={words.jobs}
        figure={<Count of={jobs.value} />}
        change={
          <Change before={jobs.previous} now={jobs.value} title={words.before(exactCount(jobs.previous))} />
        }
        course={series.map((point) => point.jobs)}
      />
      <Tile
        label={words.success}
        figure={<Share of={successRate.value} />}
        change={
          <Change
            {...{ before: successRate.previous, now: successRate.value, more: 'good' }}
            title={words.before(exactPercent(successRate.previous))}
          />
        }
        course={series.map((point) => point.successRate)}
      />
      <Tile
        label={words.p95}
        figure={<Value short={duration(durationP95Ms.value)} exact={exactDuration(durationP95Ms.value)} />}
        change={
          <Change
            {...{ before: durationP95Ms.previous, now: durationP95Ms.value, more: 'bad' }}
            title={words.before(exactDuration(durationP95Ms.previous))}
          />
        }
        course={series.map((point) => point.durationP95Ms)}
      />
      <Tile
        label={words.cost}
        figure={<Money dollars={cost} />}
        change={
          <Change
            before={costCents.previous}
            now={costCents.value}
            title={words.before(exactMoney(dollarsOf(costCents.previous)))}
          />
        }
        course={series.map((point) => point.costCents)}
      />
    </Tiles>
  );
}

function dollarsOf(cents: number | null): number | null {
  return cents === null ? null : cents / 100;
}
