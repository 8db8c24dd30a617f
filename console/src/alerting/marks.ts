import type { ChartLayer, PlotArea } from '../charts/layer.ts';

/** A moment on a chart, such as that of a firing. */
export interface Mark {
  at: number;
  text: string;
  /** A custom property of the theme. */
  colour: string;
}

/** A stretch of a chart that is shaded, such as the time that an alert was open. */
export interface Band {
  start: number;
  end: number;
  colour: string;
}

/** Draws bands and marks over a chart. Each mark has its word beside it, so that its colour is not needed. */
export function drawMarks(
  area: PlotArea,
  { marks, bands }: { marks: readonly Mark[]; bands: readonly Band[] },
): void {
  const { ctx, box, ratio } = area;
  ctx.save();
  ctx.beginPath();
  ctx.rect(box.left, box.top, box.width, box.height);
  ctx.clip();
  for (const { start, end, colour } of bands) {
    const from = box.left + area.x(start) * ratio;
    const width = Math.max((area.x(end) - area.x(start)) * ratio, 2 * ratio);
    ctx.globalAlpha = 0.13;
    ctx.fillStyle = themeColour(colour);
    ctx.fillRect(from, box.top, width, box.height);
    ctx.globalAlpha = 1;
  }
  ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  let row = 0;
  let freeFrom = Number.NEGATIVE_INFINITY;
  for (const { at, text, colour } of marks.toSorted((one, other) => one.at - other.at)) {
    const x = Math.round(box.left + area.x(at) * ratio);
    // Words that would cover each other stand below each other.
    row = x < freeFrom ? row + 1 : 0;
    const width = ctx.measureText(text).width;
    const isLeft = x + width + 8 * ratio > box.left + box.width;
    freeFrom = x + width + 12 * ratio;
    ctx.fillStyle = themeColour(colour);
    ctx.fillRect(x, box.top, Math.max(1, Math.round(1.5 * ratio)), box.height);
    ctx.fillText(text, isLeft ? x - width - 5 * ratio : x + 5 * ratio, box.top + (4 + row * 14) * ratio);
  }
  ctx.restore();
}

/** A layer of bands and marks alone. */
export function marksLayer(marks: readonly Mark[], bands: readonly Band[]): ChartLayer {
  return { draw: (area) => drawMarks(area, { marks, bands }) };
}

function themeColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
