import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { type Reliability, reliabilityBefore, reliabilityByBucket } from '../../calls/reliability.ts';
import { exactCount } from '../../numbers/count.ts';
import { exactDuration } from '../../numbers/duration.ts';
import { exactMoney } from '../../numbers/money.ts';
import { exactPercent } from '../../numbers/percent.ts';
import { FailurePanel } from '../../parts/failure-panel.tsx';
import { Change } from '../../parts/figures/change.tsx';
import { Tile, Tiles } from '../../parts/figures/tile.tsx';
import { Count, Duration, Money, Share } from '../../parts/figures/value.tsx';
import { Skeleton } from '../../parts/panel.tsx';
import type { Question } from '../../question/question.ts';
import { usageBefore, usageByBucket } from '../../usage/queries.ts';
import { dollarsOf, type Usage, type UsageAnswer, type UsagePoint } from '../../usage/usage.ts';
import { words } from '../../words/overview.ts';

/** Height of a tile: its figure, its change and its course. */
const HEIGHT = '8.5rem';

/** The four numbers that everybody asks for first. */
export function Figures({ question }: { question: Question }): ReactNode {
  const usage = useQuery(usageByBucket(question, {}, 'model'));
  const before = useQuery(usageBefore(question, {}, 'model'));
  const reliability = useQuery(reliabilityByBucket(question));
  const earlier = useQuery(reliabilityBefore(question));
  const failed = [usage, reliability].find(({ error, data }) => error !== null && data === undefined);
  if (failed?.error != null)
    return <FailurePanel error={failed.error} onRetry={() => void failed.refetch()} />;
  if (usage.data === undefined || reliability.data === undefined) return <Skeleton height={HEIGHT} />;

  return (
    <Tiles>
      <UsageTiles usage={usage.data} before={before.data?.totals} />
      <QualityTiles quality={reliability.data} before={earlier.data?.totals} />
    </Tiles>
  );
}

/** A bucket that is not over would look like a fall. */
function isComplete({ partial }: { partial?: true }): boolean {
  return partial !== true;
}

function UsageTiles({ usage, before }: { usage: UsageAnswer; before: Usage | undefined }): ReactNode {
  const { totals, series } = usage;
  const byBucket = [...Map.groupBy(series.filter(isComplete), ({ bucketStart }) => bucketStart).values()];
  const course = (of: (point: UsagePoint) => number) =>
    byBucket.map((points) => points.reduce((total, point) => total + of(point), 0));
  const spendBefore = before && dollarsOf(before);
  return (
    <>
      <Tile
        label={words.spend}
        to="/usage"
        figure={<Money dollars={dollarsOf(totals)} exact={totals.costUsd} />}
        change={
          <Change
            before={spendBefore}
            now={dollarsOf(totals)}
            title={words.before(exactMoney(before?.costUsd))}
          />
        }
        course={course(dollarsOf)}
      />
      <Tile
        label={words.requests}
        to="/usage"
        figure={<Count of={totals.invocations} />}
        change={
          <Change
            before={before?.invocations}
            now={totals.invocations}
            title={words.before(exactCount(before?.invocations))}
          />
        }
        course={course(({ invocations }) => invocations)}
      />
    </>
  );
}

interface QualityTilesProps {
  quality: Reliability;
  before: Reliability['totals'] | undefined;
}

function QualityTiles({ quality: { totals, series }, before }: QualityTilesProps): ReactNode {
  const hasCalls = totals.invocations > 0;
  return (
    <>
      <Tile
        label={words.errorRate}
        to="/reliability"
        figure={<Share of={hasCalls ? totals.errorRate : null} />}
        change={
          <Change
            before={before?.errorRate}
            now={totals.errorRate}
            more="bad"
            title={words.before(exactPercent(before?.errorRate))}
          />
        }
        course={series
          .filter(isComplete)
          .map(({ errorRate, invocations }) => (invocations === 0 ? null : errorRate))}
      />
      <Tile
        label={words.p95}
        to="/reliability"
        figure={<Duration ms={totals.latencyMs.p95} />}
        change={
          <Change
            before={before?.latencyMs.p95}
            now={totals.latencyMs.p95}
            more="bad"
            title={words.before(exactDuration(before?.latencyMs.p95))}
          />
        }
        course={series.filter(isComplete).map(({ latencyMs }) => latencyMs.p95 ?? null)}
      />
    </>
  );
}
