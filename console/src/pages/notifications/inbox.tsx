import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { formatOfUnit, groupText } from '../../alerting/alert.ts';
import { Severity } from '../../alerting/severity.tsx';
import { shortCount } from '../../numbers/count.ts';
import { dateAndTime, exactMoment } from '../../numbers/moment.ts';
import { Button } from '../../parts/button.tsx';
import { Empty } from '../../parts/empty.tsx';
import { ActionFailure } from '../../parts/forms/action-failure.tsx';
import { MoreButton } from '../../parts/more-button.tsx';
import { Panel } from '../../parts/panel.tsx';
import { keepShared } from '../../shell/keys.ts';
import { words } from '../../words/notifications.ts';
import styles from './notifications.module.css';
import { type InboxItem, inbox, markRead } from './queries.ts';

/** The own notices: those not read first. */
export function Inbox({ org, timeZone }: { org: string; timeZone: string }): ReactNode {
  const client = useQueryClient();
  const mark = useMutation({
    mutationFn: (which: readonly string[] | 'all') => markRead(org, which),
    onSuccess: () => client.invalidateQueries({ queryKey: ['inbox'] }),
  });
  return (
    <>
      <ActionFailure error={mark.error} />
      <Part {...{ org, isUnread: true, timeZone, onRead: mark.mutate }} />
      <Part {...{ org, isUnread: false, timeZone, onRead: mark.mutate }} />
    </>
  );
}

interface PartProps {
  org: string;
  isUnread: boolean;
  timeZone: string;
  onRead: (which: readonly string[] | 'all') => void;
}

function Part({ org, isUnread, timeZone, onRead }: PartProps): ReactNode {
  const answer = useInfiniteQuery(inbox(org, isUnread));
  const { inbox: text } = words;
  const items = (answer.data?.pages ?? [])
    .flatMap(({ notifications }) => notifications)
    .filter(({ readAt }) => (readAt === null) === isUnread);
  const count = answer.data?.pages[0]?.unread ?? 0;
  return (
    <Panel
      title={isUnread ? text.unread(count) : text.read}
      answer={answer}
      height={120}
      actions={isUnread && count > 0 && <Button onClick={() => onRead('all')}>{text.markAll}</Button>}
    >
      {() => (
        <>
          {items.length === 0 ? (
            <Empty title={isUnread ? text.none : text.noneRead}>
              {isUnread ? text.noneText : text.noneReadText}
            </Empty>
          ) : (
            <ul className={styles.list}>
              {items.map((item) => (
                <Item key={item.id} {...{ item, timeZone, onRead: isUnread ? onRead : undefined }} />
              ))}
            </ul>
          )}
          <MoreButton of={answer} />
        </>
      )}
    </Panel>
  );
}

interface ItemProps {
  item: InboxItem;
  timeZone: string;
  /** Missing for what has been read. */
  onRead: PartProps['onRead'] | undefined;
}

function Item({ item: { id, notice, createdAt }, timeZone, onRead }: ItemProps): ReactNode {
  const { severity, kind, name, group, month, alertId } = notice;
  const title = [name, groupText(group)].filter(Boolean).join(' · ');
  const isOfAlert = month === undefined && kind !== 'test';
  const to = isOfAlert ? `/alerts/${alertId}` : '/exports';
  return (
    <li className={onRead === undefined ? styles.item : `${styles.item} ${styles.unread}`}>
      <Severity of={severity} />
      <div className={styles.what}>
        {kind === 'test' ? (
          <span>{title}</span>
        ) : (
          <Link to={to} search={keepShared} onClick={() => onRead?.([id])}>
            {title}
          </Link>
        )}
        <p className={styles.quiet}>{textOf(notice)}</p>
      </div>
      <time dateTime={createdAt} title={exactMoment(createdAt, timeZone)} className={styles.quiet}>
        {dateAndTime(createdAt, timeZone)}
      </time>
      {onRead !== undefined && (
        <Button kind="quiet" onClick={() => onRead([id])}>
          {words.inbox.mark}
        </Button>
      )}
    </li>
  );
}

/** Rules that compare have a threshold in another unit than their value. */
const comparing = new Set(['rate_of_change', 'anomaly']);

type Notice = InboxItem['notice'];

function textOf({ kind, actorId, note, month, ...notice }: Notice): string {
  const { inbox: text } = words;
  const isMeasured = month === undefined && kind !== 'test';
  return [
    text.kinds[kind],
    isMeasured ? measuredText(notice) : undefined,
    month === undefined ? undefined : text.month(month.period, month.dataset),
    month?.failure,
    actorId === null ? undefined : text.by(actorId),
    note,
  ]
    .filter(Boolean)
    .join(', ');
}

type Measured = Pick<Notice, 'value' | 'unit' | 'metric' | 'type' | 'threshold' | 'group' | 'filters'>;

/** The value against the threshold, as far as they are in one unit. */
function measuredText({ value, type, threshold, ...measure }: Measured): string | undefined {
  const short = formatOf(measure);
  if (value === null) return undefined;
  return comparing.has(type) ? short(value) : words.inbox.against(short(value), short(threshold));
}

/** Costs are in dollars. Other amounts have the currency that the rule names; without one they are plain numbers. */
function formatOf({ unit, metric, group, filters }: Omit<Measured, 'value' | 'type' | 'threshold'>) {
  const isCost = /^(usage|ml)\./.test(metric);
  const currency = group.currency ?? filters?.currency ?? (isCost ? 'USD' : null);
  if (unit === 'cents' && currency === null) return (value: number) => shortCount(value / 100);
  return formatOfUnit(unit, currency).short;
}
