import { useMemo, useRef } from 'react';
import { type Band, drawMarks } from '../../alerting/marks.ts';
import type { ChartLayer, PlotArea } from '../../charts/layer.ts';
import styles from './rule.module.css';

interface LineOptions {
  /** Missing for rules whose bounds move: those are lines of the chart. */
  threshold: number | undefined;
  bands: readonly Band[];
  text: (value: number) => string;
  onChange: (value: number) => void;
}

/**
 * The threshold as a line that a pointer can drag, with the firings as bands. While it is dragged only the line moves; the value
 * is told at the end. The number in the sentence does the same by keys.
 */
export function useThresholdLayer(options: LineOptions): ChartLayer {
  const latest = useRef(options);
  latest.current = options;
  const line = useRef<HTMLElement>(null);
  const { threshold, bands } = options;
  return useMemo(
    () => ({
      ...(threshold !== undefined && { reach: threshold }),
      draw: (area) => {
        drawMarks(area, { marks: [], bands });
        if (line.current === null) return;
        line.current.hidden = threshold === undefined;
        if (threshold !== undefined) place(line.current, area.y(threshold), latest.current.text(threshold));
      },
      attach: (area) => {
        line.current = makeLine(area, latest);
        return () => {
          line.current?.remove();
          line.current = null;
        };
      },
    }),
    [threshold, bands],
  );
}

function makeLine(area: PlotArea, latest: { current: LineOptions }): HTMLElement {
  const line = document.createElement('div');
  line.className = styles.line ?? '';
  line.setAttribute('aria-hidden', 'true');
  line.append(document.createElement('span'));
  let isDragged = false;
  const valueUnder = ({ clientY }: PointerEvent) => {
    const { top, height } = area.over.getBoundingClientRect();
    return area.valueAt(Math.min(Math.max(clientY - top, 0), height));
  };
  line.addEventListener('pointerdown', (event) => {
    isDragged = true;
    line.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  line.addEventListener('pointermove', (event) => {
    if (!isDragged) return;
    const value = valueUnder(event);
    place(line, area.y(value), latest.current.text(value));
  });
  line.addEventListener('pointerup', (event) => {
    if (isDragged) latest.current.onChange(valueUnder(event));
    isDragged = false;
  });
  // A press on the line is no brush and opens no bucket.
  for (const name of ['mousedown', 'click', 'dblclick']) {
    line.addEventListener(name, (event) => event.stopPropagation());
  }
  area.over.append(line);
  return line;
}

function place(line: HTMLElement, top: number, text: string): void {
  line.style.insetBlockStart = `${top}px`;
  if (line.firstChild !== null) line.firstChild.textContent = text;
}
