import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { ago } from '../../numbers/ago.ts';
import { duration } from '../../numbers/duration.ts';
import { exactMoment } from '../../numbers/moment.ts';
import { shortMoney } from '../../numbers/money.ts';
import { buttonClass } from '../../parts/button.tsx';
import { FailurePanel } from '../../parts/failure-panel.tsx';
import { Skeleton } from '../../parts/panel.tsx';
import { keepShared } from '../../shell/keys.ts';
import { words } from '../../words/get-started.ts';
import { FillDemo } from './fill-demo.tsx';
import styles from './get-started.module.css';
import { type LatestEvent, latestEvent, recentIngestion } from './queries.ts';

const SECOND = 1_000;

/** Whether an event has come, and which was the last. */
export function LiveStrip({ org, timeZone }: { org: string; timeZone: string }): ReactNode {
  const recent = useQuery(recentIngestion(org));
  const stored = recent.data?.batches.filter((batch) => batch.stored > 0);
  const arrivedAt = stored
    ?.map(({ at }) => at)
    .sort()
    .at(-1);
  const latest = useQuery({ ...latestEvent(org, arrivedAt), enabled: recent.data !== undefined });
  const wasWaiting = useRef(false);
  if (latest.data === null) wasWaiting.current = true;
  const now = useSeconds();

  const failed = [recent, latest].find(({ error, data }) => error !== null && data === undefined);
  if (failed?.error != null)
    return <FailurePanel error={failed.error} onRetry={() => void failed.refetch()} />;
  if (latest.data === undefined) return <Skeleton height="4.5rem" />;
  const event = latest.data;
  if (event === null) {
    return (
      <div className={styles.strip} role="status">
        <span className={styles.pulse} aria-hidden="true" />
        <p>
          <strong>{words.live.waiting}</strong>
          <span className={styles.quiet}>{words.live.waitingText}</span>
        </p>
        <FillDemo org={org} />
      </div>
    );
  }
  const say = wasWaiting.current ? words.live.first : words.live.latest;
  return (
    <div className={`${styles.strip} ${styles.arrived}`}>
      <svg viewBox="0 0 16 16" width="20" height="20" fill="none" aria-hidden="true">
        <path d="M3 8.500l3.500 3.500L13 5" stroke="currentColor" strokeWidth="2" />
      </svg>
      <p>
        <strong title={exactMoment(event.receivedAt, timeZone)}>{say(ago(event.receivedAt, now))}</strong>
        <span className={styles.quiet}>{tell(event)}</span>
      </p>
      <p className="hidden-text" role="status">
        {say('')} {tell(event)}
      </p>
      <Link to="/events" search={keepShared} className={buttonClass}>
        {words.live.event}
      </Link>
      <Link to="/" search={keepShared} className={buttonClass}>
        {words.live.overview}
      </Link>
    </div>
  );
}

/** What an event was about: its model, its latency and its cost, as far as it has them. */
function tell(event: LatestEvent): string {
  const { modelId, latencyMs, costUsd, costEstimateCents, type } = event;
  const dollars =
    typeof costUsd === 'string' || typeof costUsd === 'number'
      ? Number(costUsd)
      : typeof costEstimateCents === 'number'
        ? costEstimateCents / 100
        : undefined;
  return [
    typeof modelId === 'string' ? modelId : words.live.sent(type),
    typeof latencyMs === 'number' ? duration(latencyMs) : undefined,
    dollars === undefined ? undefined : shortMoney(dollars),
  ]
    .filter(Boolean)
    .join(', ');
}

/** The time, each second. */
function useSeconds(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), SECOND);
    return () => clearInterval(timer);
  }, []);
  return now;
}
