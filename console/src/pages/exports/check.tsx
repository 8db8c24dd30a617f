import type { ReactNode } from 'react';
import { exactCount } from '../../numbers/count.ts';
import { Status } from '../../parts/status.tsx';
import { words } from '../../words/exports.ts';
import type { Job } from './queries.ts';

/** Whether the sums of a file are those of the rollups and the events. */
export function Check({
  job: { reconciliation, status },
}: {
  job: Pick<Job, 'reconciliation' | 'status'>;
}): ReactNode {
  if (reconciliation === null) {
    if (status !== 'succeeded') return '–';
    return <span title={words.notCheckedHint}>{words.notChecked}</span>;
  }
  const { reconciles, file, rollups } = reconciliation;
  return <Badge isExact={reconciles} sums={file} against={rollups} />;
}

interface BadgeProps {
  isExact: boolean;
  sums: Record<string, string>;
  against: Record<string, string>;
}

/** The result of a comparison, with the differences as title. */
export function Badge({ isExact, sums, against }: BadgeProps): ReactNode {
  if (!isExact) {
    const differences = Object.keys(sums)
      .filter((name) => sums[name] !== against[name])
      .map((name) => `${name}: ${sums[name]} ≠ ${against[name] ?? '–'}`);
    return (
      <span title={differences.join('\n')}>
        <Status level="critical">{words.differs}</Status>
      </span>
    );
  }
  const events = sums.events ?? sums.invocations;
  const title = Object.entries(sums).map(([name, value]) => `${name}: ${value}`);
  return (
    <span title={title.join('\n')}>
      <Status level="good">
        {events === undefined ? words.reconciledPlain : words.reconciled(exactCount(Number(events)))}
      </Status>
    </span>
  );
}
