import { DAY, HOUR } from '../time.ts';
import type { DemoOrg } from './world.ts';

/** Sunday first. */
const WEEKDAYS = [0.45, 1.15, 1.2, 1.25, 1.2, 1.1, 0.65];
const SEASON_DAYS = 45;

/**
 * The load of an org as a multiple of the average. It peaks in the afternoon, is low at night and on weekends, and has a
 * slow wave over the weeks. It depends only on the moment, so that the past never changes.
 */
export function loadAt({ utcOffset }: DemoOrg, millis: number): number {
  const local = new Date(millis + utcOffset * HOUR);
  const hour = local.getUTCHours() + local.getUTCMinutes() / 60;
  const daily = 1 - 0.75 * Math.cos((2 * Math.PI * (hour - 3)) / 24);
  const weekly = WEEKDAYS[local.getUTCDay()] ?? 1;
  const seasonal = 1 + 0.2 * Math.sin((2 * Math.PI * millis) / (SEASON_DAYS * DAY));
  return daily * weekly * seasonal;
}
