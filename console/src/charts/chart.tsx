import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { useTheme } from '../style/theme.ts';
import { words } from '../words/chart.ts';
import styles from './chart.module.css';
import { type ChartData, endOfBucket, summarise, totals } from './chart-data.ts';
import { ChartTable } from './chart-table.tsx';
import { downloadImage } from './download-image.ts';
import type { ChartLayer } from './layer.ts';
import { Legend } from './legend.tsx';
import type { ChartKind, Plot } from './plot.ts';
import { Readout } from './readout.tsx';
import { bucketText } from './ticks.ts';

export interface ChartProps {
  /** The heading that names the figure. */
  title: string;
  data: ChartData;
  /** Bars are stacked: use them for what adds up. Lines are for rates, percentiles and prices. */
  kind: ChartKind;
  timeZone: string;
  /** A value on the axis. */
  format: (value: number) => string;
  /** A value with all its digits; by default as on the axis. */
  formatExact?: (value: number) => string;
  height?: number;
  /** The same question to the service, as CSV. */
  csvHref?: string;
  /** The time between two buckets was brushed. */
  onBrush?: (start: number, end: number) => void;
  /** Leaves the last brush. */
  onBack?: () => void;
  /** A bucket was opened, by Enter or a click. */
  onOpen?: (start: number, end: number) => void;
  /** What the page draws over the data. */
  layer?: ChartLayer | undefined;
  /** Further links below the chart. */
  more?: ReactNode;
}

const HEIGHT = 240;

/**
 * A chart of buckets of time, as a figure: drawn, told in a sentence, read by arrow keys, or seen as a table. It loads uPlot when
 * it is first shown.
 */
export function Chart(props: ChartProps): ReactNode {
  const { title, data, timeZone, format, formatExact = format } = props;
  const [view, setView] = useState<'chart' | 'table'>('chart');
  const [cursor, setCursor] = useState<Cursor>(nowhere);
  const drawing = useRef<HTMLDivElement>(null);
  const plot = usePlot(drawing, props, view, setCursor);
  const summaryId = useId();
  const summary = summaryOf(data, timeZone, formatExact);
  const index = cursor.index !== null && cursor.index < data.buckets.length ? cursor.index : null;

  const move = (to: number | null) => {
    setCursor({ index: to, left: 0, byKey: true });
    plot.current?.point(to);
  };
  if (summary === undefined) return <p className={styles.empty}>{words.empty}</p>;
  return (
    <figure className={styles.figure} aria-label={title}>
      <figcaption id={summaryId} className="hidden-text">
        {summary}
      </figcaption>
      {view === 'table' ? (
        <ChartTable data={data} timeZone={timeZone} format={formatExact} caption={title} />
      ) : (
        <div className={styles.stage}>
          {/* biome-ignore-start lint/a11y/noNoninteractiveTabindex: the arrow keys read the chart */}
          <div
            ref={drawing}
            className={styles.drawing}
            style={{ blockSize: props.height ?? HEIGHT }}
            role="img"
            aria-label={`${title}. ${summary} ${words.hint}`}
            tabIndex={0}
            onKeyDown={(event) => onKey(event, { ...props, index, move })}
            onBlur={() => cursor.byKey && move(null)}
          />
          {/* biome-ignore-end lint/a11y/noNoninteractiveTabindex: the arrow keys read the chart */}
          {index !== null && (
            <Readout
              data={data}
              index={index}
              timeZone={timeZone}
              format={formatExact}
              left={leftOf(drawing.current, cursor)}
            />
          )}
        </div>
      )}
      <p className="hidden-text" aria-live="polite">
        {cursor.byKey && index !== null ? announcement(data, index, timeZone, formatExact) : ''}
      </p>
      <footer className={styles.footer}>
        <Legend series={data.series} />
        <div className={styles.actions}>
          <button type="button" onClick={() => setView(view === 'chart' ? 'table' : 'chart')}>
            {view === 'chart' ? words.asTable : words.asChart}
          </button>
          <Downloads
            {...{ title, data, csvHref: props.csvHref }}
            plot={view === 'chart' ? plot : undefined}
          />
          {props.more}
        </div>
      </footer>
    </figure>
  );
}

interface DownloadsProps extends Pick<ChartProps, 'title' | 'data'> {
  csvHref: string | undefined;
  plot: { current: Plot | null } | undefined;
}

function Downloads({ title, data, csvHref, plot }: DownloadsProps): ReactNode {
  return (
    <>
      {csvHref !== undefined && (
        <a href={csvHref} download>
          {words.csv}
        </a>
      )}
      {plot !== undefined && (
        <button type="button" onClick={() => plot.current && downloadImage(plot.current.canvas, title, data)}>
          {words.png}
        </button>
      )}
    </>
  );
}

interface KeyOptions extends ChartProps {
  index: number | null;
  move: (to: number | null) => void;
}

/** What the keys do on a chart: the arrows move, Enter opens, Esc leaves the cursor and then the zoom. */
function onKey(event: KeyboardEvent, { data, index, move, onOpen, onBack }: KeyOptions): void {
  const last = data.buckets.length - 1;
  if (event.key === 'ArrowRight') move(index === null ? 0 : Math.min(index + 1, last));
  else if (event.key === 'ArrowLeft') move(index === null ? last : Math.max(index - 1, 0));
  else if (event.key === 'Home') move(0);
  else if (event.key === 'End') move(last);
  else if (event.key === 'Enter' && index !== null)
    onOpen?.(data.buckets[index] ?? 0, endOfBucket(data, index));
  else if (event.key === 'Escape') index === null ? onBack?.() : move(null);
  else return;
  event.preventDefault();
}

interface Cursor {
  index: number | null;
  /** Pixels from the left of the drawing. */
  left: number;
  /** Moved by a key: told to screen readers, which the pointer's moves are not. */
  byKey: boolean;
}

const nowhere: Cursor = { index: null, left: 0, byKey: false };

/** Draws the plot again whenever what it shows has changed. */
function usePlot(
  element: { current: HTMLDivElement | null },
  props: ChartProps,
  view: string,
  setCursor: (cursor: Cursor) => void,
): { current: Plot | null } {
  const plot = useRef<Plot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const { shown } = useTheme();
  const { data, kind, timeZone, height = HEIGHT } = props;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours of a theme are read when it is drawn.
  useEffect(() => {
    let isGone = false;
    const draw = async () => {
      const { createPlot } = await import('./plot.ts');
      if (isGone || element.current === null) return;
      plot.current = createPlot(element.current, {
        ...{ data, kind, height, timeZone },
        format: (value) => latest.current.format(value),
        layer: () => latest.current.layer,
        onCursor: (index, left) =>
          setCursor(index === null || left < 0 ? nowhere : { index, left, byKey: false }),
        onBrush: latest.current.onBrush && ((start, end) => latest.current.onBrush?.(start, end)),
        onOpen: (index) => latest.current.onOpen?.(data.buckets[index] ?? 0, endOfBucket(data, index)),
        onBack: () => latest.current.onBack?.(),
      });
    };
    void draw();
    return () => {
      isGone = true;
      plot.current?.destroy();
      plot.current = null;
    };
  }, [element, data, kind, height, timeZone, view, shown, setCursor]);
  const { layer } = props;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another layer is drawn again.
  useEffect(() => plot.current?.redraw(), [layer]);
  return plot;
}

/** Where the cursor stands; of a key, the place that the plot has drawn it at. */
function leftOf(drawing: HTMLElement | null, { left }: Cursor): number {
  const over = drawing?.querySelector<HTMLElement>('.u-over');
  const line = drawing?.querySelector<HTMLElement>('.u-cursor-x');
  const drawn = new DOMMatrixReadOnly(line?.style.transform || 'none').m41;
  return (over?.offsetLeft ?? 0) + (left || drawn);
}

function summaryOf(data: ChartData, timeZone: string, format: (value: number) => string): string | undefined {
  const stacked = data.series.filter(({ isComparison }) => !isComparison);
  const isSum = stacked.length > 1 && data.isAdditive !== false;
  const summary = summarise(isSum ? totals(data) : (stacked[0]?.values ?? []), data.partial);
  if (summary === undefined) return undefined;
  const last = data.buckets.length - 1;
  return words.summary({
    from: bucketText(data.buckets[0] ?? 0, endOfBucket(data, 0), timeZone),
    to: bucketText(data.buckets[last] ?? 0, endOfBucket(data, last), timeZone),
    ...{ least: format(summary.least), most: format(summary.most), last: format(summary.last) },
  });
}

function announcement(
  data: ChartData,
  index: number,
  timeZone: string,
  format: (value: number) => string,
): string {
  const values = data.series.flatMap(({ label, values }) => {
    const value = values[index];
    return value == null ? [] : [`${label} ${format(value)}`];
  });
  const time = bucketText(data.buckets[index] ?? 0, endOfBucket(data, index), timeZone);
  return [time, ...(data.partial[index] ? [words.incomplete] : []), ...values].join(', ');
}
