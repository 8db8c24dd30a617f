import type { ChartData } from './chart-data.ts';

const MARGIN = 16;
const TITLE = 28;
const LEGEND = 24;

/** Saves a chart as a PNG, with its title above and its legend below. */
export function downloadImage(canvas: HTMLCanvasElement, title: string, { series }: ChartData): void {
  const scale = devicePixelRatio;
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const image = document.createElement('canvas');
  image.width = canvas.width + 2 * MARGIN * scale;
  image.height = canvas.height + (2 * MARGIN + TITLE + LEGEND) * scale;
  const pen = image.getContext('2d');
  if (pen === null) return;
  pen.fillStyle = colour('--surface');
  pen.fillRect(0, 0, image.width, image.height);
  pen.drawImage(canvas, MARGIN * scale, (MARGIN + TITLE) * scale);
  pen.scale(scale, scale);
  pen.textBaseline = 'middle';
  pen.fillStyle = colour('--text');
  pen.font = '600 15px system-ui, sans-serif';
  pen.fillText(title, MARGIN, MARGIN + TITLE / 2 - 4);
  pen.font = '12px system-ui, sans-serif';
  let left = MARGIN;
  const middle = MARGIN + TITLE + canvas.height / scale + LEGEND / 2;
  for (const one of series) {
    pen.fillStyle = one.isComparison ? colour('--line-strong') : one.colour;
    pen.fillRect(left, middle - 5, 10, 10);
    pen.fillStyle = colour('--text-quiet');
    pen.fillText(one.label, left + 15, middle);
    left += 31 + pen.measureText(one.label).width;
  }
  image.toBlob((blob) => blob && save(blob, `${title}.png`), 'image/png');
}

function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name.replaceAll(/[^\w.-]+/g, '-').toLowerCase();
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
}
