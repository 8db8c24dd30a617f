import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { date, exactMoment, timeOfDay } from '../../numbers/moment.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { FailurePanel } from '../../parts/failure-panel.tsx';
import { Facts } from '../../parts/figures/facts.tsx';
import { CodeBlock } from '../../parts/forms/code-block.tsx';
import { CopyButton } from '../../parts/forms/copy-button.tsx';
import { Skeleton } from '../../parts/panel.tsx';
import { type Level, Status } from '../../parts/status.tsx';
import { words as all } from '../../words/events.ts';
import styles from './events.module.css';
import { fieldsOf } from './fields.ts';
import { eventOf, type LookUp, type StoredEvent } from './queries.ts';

const words = all.detail;
const levels: Record<LookUp['outcome'], Level> = { stored: 'good', removed: 'info', refused: 'critical' };

interface EventDrawerProps {
  org: string;
  eventId: string;
  timeZone: string;
  onClose: () => void;
}

/** An event with all its fields, its batch, and what conflicted with it. */
export function EventDrawer({ org, eventId, timeZone, onClose }: EventDrawerProps): ReactNode {
  const answer = useQuery(eventOf(org, eventId));
  const { data, error } = answer;
  return (
    <Dialog title={words.title} className={styles.drawer} onClose={onClose}>
      <p className={styles.id}>
        <code>{eventId}</code>
      </p>
      {error !== null && data === undefined && (
        <FailurePanel error={error} onRetry={() => void answer.refetch()} />
      )}
      {answer.isPending && <Skeleton height={300} />}
      {data !== undefined && <Found found={data} timeZone={timeZone} />}
    </Dialog>
  );
}

function Found({ found, timeZone }: { found: LookUp; timeZone: string }): ReactNode {
  const { event, lines, outcome, storedId } = found;
  return (
    <>
      <p>
        <Status level={levels[outcome]}>{words.outcomes[outcome]}</Status>
      </p>
      {event !== null && <EventFields event={event} />}
      {lines.length > 0 && (
        <CodeBlock label={words.linesLabel} text={`// ${words.lines(lines.length)}\n${jsonOf(lines)}`} />
      )}
      <Facts facts={{ [words.storedId]: <code>{storedId}</code> }} />
      <Batch found={found} timeZone={timeZone} />
      <Conflicts conflicts={found.conflicts} timeZone={timeZone} />
    </>
  );
}

function EventFields({ event }: { event: StoredEvent }): ReactNode {
  const fields = fieldsOf(event);
  return (
    <>
      <div className={styles.row}>
        <CopyButton kind="normal" label={words.copyJson} text={jsonOf(event)} />
        <Link
          to="."
          search={((before: object) => ({ ...before, ...sameCorrelation(event) })) as never}
          preload={false}
        >
          {words.sameCorrelation}
        </Link>
      </div>
      <table className={styles.fields}>
        <caption className="hidden-text">{words.fields}</caption>
        <tbody>
          {fields.map(({ name, value, isMetadata }) => (
            <tr key={`${isMetadata} ${name}`}>
              <th scope="row">{isMetadata ? words.metadata(name) : name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** Everything that one request caused, whatever the other filters were. */
function sameCorrelation({ correlationId }: StoredEvent) {
  const none = { type: undefined, model: undefined, client: undefined, status: undefined, code: undefined };
  return { ...none, event: undefined, correlation: correlationId };
}

function Batch({ found: { batch }, timeZone }: { found: LookUp; timeZone: string }): ReactNode {
  const { batch: names } = words;
  if (batch === null) return <p className={styles.quiet}>{names.gone}</p>;
  const at = (moment: string) => (
    <time dateTime={moment} title={exactMoment(moment, timeZone)}>
      {date(moment, timeZone)}, {timeOfDay(moment, timeZone, { seconds: true })}
    </time>
  );
  return (
    <section aria-label={names.title}>
      <h3>{names.title}</h3>
      <Facts
        facts={{
          ...{ [names.id]: batch.batchId, [names.source]: batch.source },
          [names.receivedAt]: at(batch.receivedAt),
          [names.rolledUpAt]: batch.rolledUpAt === null ? names.waits : at(batch.rolledUpAt),
          ...{ [names.stored]: batch.stored, [names.duplicates]: batch.duplicates },
          ...{ [names.conflicts]: batch.conflicts, [names.rejected]: batch.rejected },
        }}
      />
    </section>
  );
}

type Conflict = LookUp['conflicts'][number];

function Conflicts({ conflicts, timeZone }: { conflicts: Conflict[]; timeZone: string }): ReactNode {
  const { conflicts: names } = words;
  if (conflicts.length === 0) return <p className={styles.quiet}>{names.none}</p>;
  const columns: Column<Conflict>[] = [
    {
      ...{ id: 'at', title: names.columns.at },
      cell: ({ receivedAt }) => exactMoment(receivedAt, timeZone),
    },
    {
      ...{ id: 'occurred', title: names.columns.occurred },
      cell: ({ occurredAt }) => exactMoment(occurredAt, timeZone),
    },
    { ...{ id: 'times', title: names.columns.times, isNumber: true }, cell: ({ times }) => times },
    { ...{ id: 'hash', title: names.columns.hash }, cell: ({ contentHash }) => <code>{contentHash}</code> },
  ];
  return (
    <section aria-label={names.title}>
      <h3>{names.title}</h3>
      <p className={styles.quiet}>{names.text}</p>
      <DataTable
        {...{ caption: names.title, columns, rows: conflicts }}
        keyOf={({ batchId, contentHash }) => `${batchId} ${contentHash}`}
      />
    </section>
  );
}

function jsonOf(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
