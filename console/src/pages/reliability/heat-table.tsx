import { useQuery } from '@tanstack/react-query';
import { type CSSProperties, type ReactNode, useEffect, useMemo, useRef } from 'react';
import type { CallFilters } from '../../calls/filters.ts';
import { type Reliability, reliability } from '../../calls/reliability.ts';
import { useToEvents } from '../../calls/to-events.ts';
import { bucketText, tickText } from '../../charts/ticks.ts';
import { exactCount, shortCount } from '../../numbers/count.ts';
import { duration, exactDuration } from '../../numbers/duration.ts';
import { MISSING } from '../../numbers/locale.ts';
import { date } from '../../numbers/moment.ts';
import { exactPercent, percent } from '../../numbers/percent.ts';
import { Choices } from '../../parts/button.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Question, useSetSearch } from '../../question/question.ts';
import { words as parts } from '../../words/parts.ts';
import { words } from '../../words/reliability.ts';
import { type HeatBucket, type HeatRow, heatGranularity, heatOf, heatOfValue, heatValue } from './heat.ts';
import styles from './reliability.module.css';
import { type HeatMeasure, heatMeasures } from './search.ts';

const MOST_MODELS = 20;

interface HeatTableProps {
  question: Question;
  filters: CallFilters;
  measure: HeatMeasure;
}

/** Which model was bad, and when. */
export function HeatTable({ question, filters, measure }: HeatTableProps): ReactNode {
  const setSearch = useSetSearch();
  const { start, end } = question.range;
  const granularity = heatGranularity(end - start);
  const answer = useQuery(
    reliability(question, filters, { granularity, groupBy: 'model', top: MOST_MODELS }),
  );
  const actions = (
    <Choices
      label={words.heat.measure}
      choices={heatMeasures}
      chosen={measure}
      textOf={(choice) => words.heat.measures[choice]}
      onChoose={(choice) => setSearch({ heat: choice === 'errorRate' ? undefined : choice })}
    />
  );
  return (
    <Panel
      title={granularity === 'day' ? words.heat.titleByDay : words.heat.title}
      {...{ note: words.heat.note, answer, actions, height: 200 }}
    >
      {(data) => <Table {...{ data, filters, measure, timeZone: question.timeZone }} />}
    </Panel>
  );
}

interface TableProps {
  data: Reliability;
  filters: CallFilters;
  measure: HeatMeasure;
  timeZone: string;
}

function Table({ data, filters, measure, timeZone }: TableProps): ReactNode {
  const { buckets, rows } = useMemo(() => heatOf(data), [data]);
  const box = useRef<HTMLElement>(null);
  // The newest buckets are those that matter first.
  useEffect(() => {
    // In braces: newer browsers answer with a promise, which an effect must not return.
    box.current?.scrollTo({ left: box.current.scrollWidth });
  }, []);
  const isByDay = data.granularity === 'day';
  const values = rows.flatMap(({ points }) => points.flatMap((point) => heatValue(measure, point) ?? []));
  const most = Math.max(...values, 0);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys scroll it. */}
      <section ref={box} className={styles.heatBox} tabIndex={0} aria-label={parts.tableOf(words.heat.title)}>
        <table className={styles.heat}>
          <thead>
            <tr>
              <th scope="col">{words.heat.model}</th>
              {buckets.map((bucket) => (
                <th key={bucket.start} scope="col" title={bucketText(bucket.start, bucket.end, timeZone)}>
                  {isByDay ? date(bucket.start, timeZone) : tickText(bucket.start, timeZone)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.model} {...{ row, buckets, measure, most, filters, timeZone }} />
            ))}
          </tbody>
        </table>
      </section>
      {data.restGroups > 0 && <p className={styles.quiet}>{words.heat.more(rows.length, data.restGroups)}</p>}
    </>
  );
}

interface RowProps {
  row: HeatRow;
  buckets: readonly HeatBucket[];
  measure: HeatMeasure;
  most: number;
  filters: CallFilters;
  timeZone: string;
}

function Row({ row: { model, points }, buckets, measure, most, filters, timeZone }: RowProps): ReactNode {
  const [format, exact] = formats[measure];
  const toEvents = useToEvents({ ...filters, model });
  return (
    <tr>
      <th scope="row">{model}</th>
      {buckets.map((bucket, index) => {
        const value = heatValue(measure, points[index]);
        if (value === null) return <td key={bucket.start}>{MISSING}</td>;
        const heat = Math.round(heatOfValue(measure, value, most) * 100);
        const time = bucketText(bucket.start, bucket.end, timeZone);
        return (
          <td
            key={bucket.start}
            className={styles[measure]}
            style={{ '--heat': `${heat}%` } as CSSProperties}
          >
            <button
              type="button"
              title={words.heat.open(model, time, exact(value))}
              onClick={() => toEvents(bucket.start, bucket.end)}
            >
              {format(value)}
            </button>
          </td>
        );
      })}
    </tr>
  );
}

const formats = {
  errorRate: [percent, exactPercent],
  p95: [duration, exactDuration],
  calls: [shortCount, exactCount],
} as const;
