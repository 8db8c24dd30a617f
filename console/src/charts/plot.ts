import uPlot from 'uplot';
import { bucketAt, type ChartData, endOfBucket, stackTops } from './chart-data.ts';
import type { ChartLayer, PlotArea } from './layer.ts';
import { ticksOf, tickText } from './ticks.ts';
import './plot.css';

export type ChartKind = 'bars' | 'lines';

/** What a plot draws, and whom it tells. */
export interface PlotOptions {
  data: ChartData;
  kind: ChartKind;
  height: number;
  timeZone: string;
  format: (value: number) => string;
  /** What the page draws over the data, as it is now. */
  layer: () => ChartLayer | undefined;
  /** The pointer is over a bucket, so many pixels from the left; `null` when it leaves. */
  onCursor: (index: number | null, left: number) => void;
  onBrush: ((start: number, end: number) => void) | undefined;
  onOpen: ((index: number) => void) | undefined;
  onBack: () => void;
}

/** A plot on the page. */
export interface Plot {
  /** Moves the cursor to a bucket; `null` takes it away. */
  point: (index: number | null) => void;
  /** Draws again: the layer has changed. */
  redraw: () => void;
  canvas: HTMLCanvasElement;
  destroy: () => void;
}

/** Room for one label of the axis of time, in pixels. */
const TICK_ROOM = 76;
/** A brush of fewer pixels is a click. */
const LEAST_BRUSH = 6;

/** Draws a chart into an element, as wide as the element is. */
export function createPlot(element: HTMLElement, options: PlotOptions): Plot {
  const { data, kind, height } = options;
  const tops = kind === 'bars' ? stackTops(data) : data.series.map(({ values }) => values);
  const middles = data.buckets.map((bucket, index) => (bucket + endOfBucket(data, index)) / 2);
  // Bars are painted from the highest, so that each covers the lower part of the one behind it.
  const order = data.series.map((_, index) => index);
  if (kind === 'bars') order.reverse();
  // A line to compare with is drawn last, so that no bar hides it.
  order.sort((one, other) => comparisonRank(data, one) - comparisonRank(data, other));
  const plot = new uPlot(
    {
      width: Math.max(element.clientWidth, 1),
      height,
      padding: [8, 4, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: false, range: () => [data.buckets[0] ?? 0, data.end] },
        y: {
          range: (_plot, _least, most) => [0, topOf(Math.max(most, options.layer()?.reach ?? 0))],
        },
      },
      axes: [timeAxis(options), valueAxis(options)],
      series: [{}, ...order.map((index) => seriesOf(options, index))],
      cursor: {
        y: false,
        points: { show: kind === 'lines', size: 7, width: 2 },
        drag: { x: options.onBrush !== undefined, y: false, setScale: false },
        bind: { dblclick: () => () => leaveZoom(options) },
      },
      hooks: {
        draw: [(drawn) => hatchPartial(drawn, data), (drawn) => options.layer()?.draw(areaOf(drawn))],
        setCursor: [({ cursor }) => options.onCursor(cursor.idx ?? null, cursor.left ?? 0)],
        setSelect: [(drawn) => brushed(drawn, options)],
      },
    },
    [middles, ...order.map((index) => tops[index] ?? [])] as uPlot.AlignedData,
    element,
  );
  readTouches(plot);
  plot.over.addEventListener('click', () => {
    if (plot.select.width < LEAST_BRUSH && plot.cursor.idx != null) options.onOpen?.(plot.cursor.idx);
  });
  const resize = new ResizeObserver(() => plot.setSize({ width: Math.max(element.clientWidth, 1), height }));
  resize.observe(element);
  // Paper has the colours of the light theme, which are read while it is drawn.
  const paper = matchMedia('print');
  const redraw = () => plot.redraw();
  paper.addEventListener('change', redraw);
  const detach = options.layer()?.attach?.(areaOf(plot));
  return {
    canvas: plot.ctx.canvas,
    point: (index) => {
      const middle = index === null ? undefined : middles[index];
      plot.setCursor({
        left: middle === undefined ? -10 : plot.valToPos(middle, 'x'),
        top: middle === undefined ? -10 : 1,
      });
    },
    redraw: () => plot.setData(plot.data),
    destroy: () => {
      detach?.();
      resize.disconnect();
      paper.removeEventListener('change', redraw);
      plot.destroy();
    },
  };
}

/** The top of the axis above a value. */
function topOf(most: number): number {
  return uPlot.rangeNum(0, most > 0 ? most : 1, 0.08, true)[1] ?? 1;
}

function areaOf(plot: uPlot): PlotArea {
  return {
    ...{ ctx: plot.ctx, box: plot.bbox, over: plot.over, ratio: devicePixelRatio },
    x: (moment) => plot.valToPos(moment, 'x'),
    y: (value) => plot.valToPos(value, 'y'),
    valueAt: (top) => plot.posToVal(top, 'y'),
  };
}

/** A colour of the theme, as it is now. */
function themeColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif';

function timeAxis({ data, timeZone }: PlotOptions): uPlot.Axis {
  return {
    stroke: () => themeColour('--text-quiet'),
    font: FONT,
    size: 26,
    gap: 4,
    grid: { show: false },
    ticks: { stroke: () => themeColour('--line'), width: 1, size: 4 },
    splits: (plot) => ticksOf(data.buckets, timeZone, Math.max(1, Math.floor(plot.width / TICK_ROOM))),
    values: (_plot, splits) => splits.map((split) => tickText(split, timeZone)),
  };
}

function valueAxis({ format }: PlotOptions): uPlot.Axis {
  return {
    stroke: () => themeColour('--text-quiet'),
    font: FONT,
    gap: 6,
    size: (_plot, values) =>
      Math.max(34, 14 + 6.2 * Math.max(0, ...(values ?? []).map((text) => text.length))),
    grid: { stroke: () => themeColour('--line'), width: 1 },
    ticks: { show: false },
    space: 36,
    values: (_plot, splits) => splits.map(format),
  };
}

function comparisonRank({ series }: ChartData, index: number): number {
  return series[index]?.isComparison === true ? 1 : 0;
}

function seriesOf({ data, kind }: PlotOptions, index: number): uPlot.Series {
  const { colour = '', isComparison = false } = data.series[index] ?? {};
  if (kind === 'bars' && !isComparison) {
    return { fill: colour, width: 0, points: { show: false }, paths: barPaths(data) };
  }
  return {
    stroke: isComparison ? () => themeColour('--line-strong') : colour,
    width: isComparison ? 1.5 : 1.75,
    ...(isComparison && { dash: [4, 4] }),
    points: { size: 4, ...(isComparison && { show: false }) },
  };
}

/** Bars as wide as their buckets, but for a small gap: months differ in length, and so do their bars. */
function barPaths(data: ChartData): uPlot.Series.PathBuilder {
  return (plot, seriesIndex, first, last) => {
    const fill = new Path2D();
    const floor = plot.valToPos(0, 'y', true);
    for (let index = first; index <= last; index += 1) {
      const value = plot.data[seriesIndex]?.[index];
      if (!value) continue;
      const { left, width } = barPlace(plot, data, index);
      const top = plot.valToPos(value, 'y', true);
      // What is not zero is at least a line.
      fill.rect(left, Math.min(top, floor - 1), width, Math.max(floor - top, 1));
    }
    return { stroke: null, fill, flags: 0 };
  };
}

function barPlace(plot: uPlot, data: ChartData, index: number): { left: number; width: number } {
  const left = plot.valToPos(data.buckets[index] ?? 0, 'x', true);
  const right = plot.valToPos(endOfBucket(data, index), 'x', true);
  const room = right - left;
  const gap = room < 4 ? 0 : Math.max(1, Math.round(room * 0.16));
  return { left: Math.round(left + gap / 2), width: Math.max(1, Math.round(room - gap)) };
}

/** Hatches the buckets that are not complete: their values will change. */
function hatchPartial(plot: uPlot, data: ChartData): void {
  const { ctx, bbox } = plot;
  const pattern = ctx.createPattern(hatching(), 'repeat');
  if (pattern === null) return;
  ctx.save();
  ctx.fillStyle = pattern;
  data.partial.forEach((isPartial, index) => {
    if (!isPartial) return;
    const { left, width } = barPlace(plot, data, index);
    ctx.fillRect(left, bbox.top, width, bbox.height);
  });
  ctx.restore();
}

function hatching(): HTMLCanvasElement {
  const size = 6 * devicePixelRatio;
  const tile = document.createElement('canvas');
  tile.width = size;
  tile.height = size;
  const pen = tile.getContext('2d');
  if (pen === null) return tile;
  pen.strokeStyle = themeColour('--surface');
  pen.lineWidth = 2 * devicePixelRatio;
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift, size);
    pen.lineTo(shift + size, 0);
  }
  pen.stroke();
  return tile;
}

function brushed(plot: uPlot, { data, onBrush }: PlotOptions): void {
  const { left, width } = plot.select;
  if (width < LEAST_BRUSH || onBrush === undefined) return;
  const first = bucketAt(data, plot.posToVal(left, 'x'));
  const last = bucketAt(data, plot.posToVal(left + width, 'x'));
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  onBrush(data.buckets[first] ?? 0, endOfBucket(data, last));
}

/** uPlot's own zoom does nothing here: the address has the range. */
function leaveZoom({ onBack }: PlotOptions): null {
  onBack();
  return null;
}

/** How long a finger must rest before it reads the chart instead of scrolling the page. */
const LONG_PRESS = 350;

function readTouches(plot: uPlot): void {
  let isReading = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const move = ({ touches }: TouchEvent) => {
    const [touch] = touches;
    if (touch === undefined) return;
    const box = plot.over.getBoundingClientRect();
    plot.setCursor({ left: touch.clientX - box.left, top: touch.clientY - box.top });
  };
  const end = () => {
    clearTimeout(timer);
    isReading = false;
  };
  plot.over.addEventListener(
    'touchstart',
    (event) => {
      timer = setTimeout(() => {
        isReading = true;
        move(event);
      }, LONG_PRESS);
    },
    { passive: true },
  );
  plot.over.addEventListener(
    'touchmove',
    (event) => {
      if (!isReading) return clearTimeout(timer);
      event.preventDefault();
      move(event);
    },
    { passive: false },
  );
  plot.over.addEventListener('touchend', end);
  plot.over.addEventListener('touchcancel', end);
}
