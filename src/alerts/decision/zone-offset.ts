import { Temporal } from 'temporal-polyfill';
import { floorTo, MINUTE } from '../../time.ts';

/** Zones move their clocks at whole quarters of an hour. */
const STEP = 15 * MINUTE;
const NANOS_PER_MS = 1_000_000;
/** A preview of a month asks for so many times what a few weeks of evaluations ask for. */
const MOST_KEPT = 20_000;

const known = new Map<string, Map<number, number>>();
let kept = 0;

/**
 * How far the clocks of a zone are ahead of UTC at a moment; milliseconds.
 * @param zone an IANA zone; null: UTC
 */
export function zoneOffset(zone: string | null, at: number): number {
  if (zone === null || zone === 'UTC') return 0;
  const step = floorTo(STEP, at);
  const ofZone = known.get(zone);
  const found = ofZone?.get(step);
  if (found !== undefined) return found;
  const { offsetNanoseconds } = Temporal.Instant.fromEpochMilliseconds(step).toZonedDateTimeISO(zone);
  const offset = offsetNanoseconds / NANOS_PER_MS;
  if (++kept > MOST_KEPT) {
    known.clear();
    kept = 1;
  }
  const entries = known.get(zone) ?? new Map<number, number>();
  entries.set(step, offset);
  known.set(zone, entries);
  return offset;
}
