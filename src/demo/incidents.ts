import { DAY, HOUR, MINUTE } from '../time.ts';
import { Random } from './random.ts';

/** A period in which most requests to a model fail, and so do the services that use it. */
export interface Outage {
  start: number;
  end: number;
  modelId: string;
}

const OUTAGE_EVERY = 5 * DAY;
/** Models with enough requests for an outage to show. */
const MODELS_THAT_FAIL = ['gpt-4o', 'claude-sonnet'];

/** There is one outage every five days, of one to two hours in the European working day. */
function outageOf(period: number): Outage {
  const random = new Random(`outage ${period}`);
  const day = period * OUTAGE_EVERY + random.whole(0, 4) * DAY;
  const start = day + random.between(9, 15) * HOUR;
  return { start, end: start + random.between(60, 120) * MINUTE, modelId: random.oneOf(MODELS_THAT_FAIL) };
}

let cached: { period: number; outage: Outage } | undefined;

/** The outage at a moment, if any. */
export function outageAt(millis: number): Outage | undefined {
  const period = Math.floor(millis / OUTAGE_EVERY);
  if (cached?.period !== period) cached = { period, outage: outageOf(period) };
  const { outage } = cached;
  return millis >= outage.start && millis < outage.end ? outage : undefined;
}

/** The last outage within a range, if there is one. */
export function lastOutageWithin({ from, to }: { from: number; to: number }): Outage | undefined {
  const period = Math.floor(to / OUTAGE_EVERY);
  return [period, period - 1].map(outageOf).find(({ start, end }) => start >= from && end <= to);
}

/** Prices change on the first of a month: every second month, gpt-4o is 20 % cheaper. */
export function priceFactor(modelId: string, millis: number): number {
  const monthIsOdd = new Date(millis).getUTCMonth() % 2 === 1;
  return modelId === 'gpt-4o' && monthIsOdd ? 0.8 : 1;
}
