import type { ChartValues } from './chart-values.ts';
import { encodePng, type Image } from './png.ts';

/** Pixels, twice as many as the size at which a mail shows it. */
const WIDTH = 960;
const HEIGHT = 280;
const MARGIN = 16;
const STROKE = 3;
const DASH = 14;

const colours = [
  [255, 255, 255],
  [37, 99, 235],
  [219, 234, 254],
  [220, 38, 38],
  [203, 213, 225],
] as const;
const [BACKGROUND, LINE, AREA, THRESHOLD, AXIS] = [0, 1, 2, 3, 4] as const;

/** Draws the values as a line over a filled area, with the threshold as a dashed line. @returns a PNG image */
export function drawChart({ points, threshold }: ChartValues): Buffer {
  const pixels = new Uint8Array(WIDTH * HEIGHT).fill(BACKGROUND);
  const image: Image = { width: WIDTH, height: HEIGHT, pixels, colours };
  const levels = points.flatMap(({ value }) => (value === null ? [] : [value]));
  if (threshold !== null) levels.push(threshold);
  const [least, most] = [Math.min(0, ...levels), Math.max(0, ...levels)];
  const heightOf = (value: number) =>
    Math.round(HEIGHT - MARGIN - ((value - least) / (most - least || 1)) * (HEIGHT - 2 * MARGIN));
  const placeOf = (index: number) =>
    Math.round(MARGIN + (index / Math.max(1, points.length - 1)) * (WIDTH - 2 * MARGIN));
  const zero = heightOf(0);
  drawRow(image, zero, AXIS);
  for (const [index, { value }] of points.entries()) {
    if (value === null) continue;
    const next = points[index + 1]?.value ?? null;
    const until = next === null ? placeOf(index) : placeOf(index + 1);
    drawPart(image, { from: placeOf(index), until, zero }, [
      heightOf(value),
      heightOf(next === null ? value : next),
    ]);
  }
  if (threshold !== null) drawRow(image, heightOf(threshold), THRESHOLD, DASH);
  return encodePng(image);
}

/** Draws the line from one value to the next, and fills the area below it. */
function drawPart(
  image: Image,
  { from, until, zero }: { from: number; until: number; zero: number },
  [start, end]: [number, number],
): void {
  let before = start;
  for (let x = from; x <= until; x++) {
    const share = until === from ? 0 : (x - from) / (until - from);
    const y = Math.round(start + (end - start) * share);
    for (let filled = Math.min(y, zero); filled <= Math.max(y, zero); filled++)
      if (at(image, x, filled) === BACKGROUND) put(image, x, filled, AREA);
    // A steep line has no gaps.
    for (let drawn = Math.min(y, before); drawn <= Math.max(y, before); drawn++)
      for (let thick = 0; thick < STROKE; thick++) put(image, x, drawn + thick - 1, LINE);
    before = y;
  }
}

function drawRow(image: Image, y: number, colour: number, dash = WIDTH): void {
  for (let x = MARGIN; x < WIDTH - MARGIN; x++) {
    if (Math.floor((x - MARGIN) / dash) % 2 === 1) continue;
    for (let thick = 0; thick < STROKE; thick++) put(image, x, y + thick - 1, colour);
  }
}

function at({ width, pixels }: Image, x: number, y: number): number | undefined {
  return pixels[y * width + x];
}

function put({ width, height, pixels }: Image, x: number, y: number, colour: number): void {
  if (x >= 0 && x < width && y >= 0 && y < height) pixels[y * width + x] = colour;
}
