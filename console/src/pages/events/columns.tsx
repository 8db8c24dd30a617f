import { exactCount, shortCount } from '../../numbers/count.ts';
import { MISSING } from '../../numbers/locale.ts';
import { date, exactMoment, timeOfDay } from '../../numbers/moment.ts';
import { exactMoney, shortMoney } from '../../numbers/money.ts';
import type { Column } from '../../parts/data-table.tsx';
import { Duration, Value } from '../../parts/figures/value.tsx';
import { type Level, Status } from '../../parts/status.tsx';
import { words as calls } from '../../words/calls.ts';
import { words } from '../../words/events.ts';
import styles from './events.module.css';
import { dollarsOf, latencyOf, numberOf, receivedAfter, textOf } from './fields.ts';
import type { StoredEvent } from './queries.ts';

/** The columns of the list. The time opens the event. */
export function columnsIn(timeZone: string, onOpen: (eventId: string) => void): Column<StoredEvent>[] {
  const { columns } = words;
  const text = (id: 'model' | 'client' | 'code', name: string): Column<StoredEvent> => ({
    ...{ id, title: columns[id] },
    cell: (event) => textOf(event, name) ?? MISSING,
  });
  return [
    {
      ...{ id: 'time', title: columns.time },
      cell: ({ eventId, occurredAt }) => (
        <button
          type="button"
          className={styles.open}
          title={`${exactMoment(occurredAt, timeZone)}. ${words.open(eventId)}`}
          onClick={() => onOpen(eventId)}
        >
          <time dateTime={occurredAt}>
            {date(occurredAt, timeZone)}, {timeOfDay(occurredAt, timeZone, { seconds: true })}
          </time>
        </button>
      ),
    },
    { ...{ id: 'type', title: columns.type }, cell: ({ type }) => typeText(type) },
    text('model', 'modelId'),
    text('client', 'clientId'),
    { ...{ id: 'status', title: columns.status }, cell: (event) => <Outcome event={event} /> },
    text('code', 'errorCode'),
    ...numberColumns(),
  ];
}

function numberColumns(): Column<StoredEvent>[] {
  const { columns } = words;
  return [
    {
      ...{ id: 'latency', title: columns.latency, isNumber: true },
      cell: (event) => <Duration ms={latencyOf(event)} />,
    },
    {
      ...{ id: 'tokens', title: columns.tokens, isNumber: true },
      cell: (event) => {
        const [input, output] = [numberOf(event, 'inputTokens'), numberOf(event, 'outputTokens')];
        if (input === null && output === null) return MISSING;
        return (
          <Value
            short={shortCount((input ?? 0) + (output ?? 0))}
            exact={words.tokensOf(exactCount(input), exactCount(output))}
          />
        );
      },
    },
    {
      ...{ id: 'cost', title: columns.cost, isNumber: true },
      cell: (event) => <Value short={shortMoney(dollarsOf(event))} exact={exactMoney(dollarsOf(event))} />,
    },
    {
      ...{ id: 'received', title: columns.received, isNumber: true },
      cell: (event) => <Duration ms={receivedAfter(event)} />,
    },
  ];
}

/** The type in words; of a type that this console does not know, its name. */
function typeText(type: string): string {
  return (words.types as Record<string, string>)[type] ?? type;
}

const levels: Record<string, Level> = {
  ...{ success: 'good', succeeded: 'good', completed: 'good' },
  ...{ error: 'critical', failed: 'critical', timeout: 'warning', throttled: 'warning' },
};

function Outcome({ event }: { event: StoredEvent }) {
  const status = textOf(event, 'status');
  if (status === undefined) return numberOf(event, 'statusCode') ?? MISSING;
  const text = (calls.statuses as Record<string, string>)[status] ?? status;
  return <Status level={levels[status] ?? 'info'}>{text}</Status>;
}
