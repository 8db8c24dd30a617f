/** The minutes of a day. */
export const DAY_MINUTES = 1_440;

/** The minute of the day of a time such as `22:30`. */
function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

/** The parts of the day that are quiet, as minutes: two if they go over midnight, none if the end is the beginning. */
export function quietParts(from: string, to: string): [start: number, end: number][] {
  const [start, end] = [minuteOf(from), minuteOf(to)];
  if (start === end) return [];
  if (start < end) return [[start, end]];
  const parts: [number, number][] = [
    [0, end],
    [start, DAY_MINUTES],
  ];
  return parts.filter(([first, last]) => first < last);
}

/** Whether a minute of the day is quiet. */
export function isQuiet(minute: number, from: string, to: string): boolean {
  return quietParts(from, to).some(([start, end]) => minute >= start && minute < end);
}
