import { DAY, HOUR, MINUTE, SECOND } from '../time.ts';
import { makeMlJob } from './make-ml-job.ts';
import { errorLoad, makeApiRequest, makeError } from './make-platform.ts';
import { makeShop } from './make-shop.ts';
import { type DemoEvent, makeUsage } from './make-usage.ts';
import { Random } from './random.ts';
import { loadAt } from './rhythm.ts';
import { type DemoOrg, demoOrgs } from './world.ts';

/** An event, with the time of its delivery. */
export interface Delivery {
  /** Milliseconds since the epoch. */
  at: number;
  event: DemoEvent;
}

/** Share of events that arrive some minutes late. */
const MINUTES_LATE = 0.015;
/** Share of events that arrive hours or days late. */
const DAYS_LATE = 0.002;
/** Share of events that are delivered twice. */
const DUPLICATED = 0.008;

/** All deliveries of an hour, in order. They are the same at every call. */
export function deliveriesOfHour(hour: number): Delivery[] {
  return demoOrgs.flatMap((org) => deliveriesOf(org, hour)).sort((a, b) => a.at - b.at);
}

function deliveriesOf(org: DemoOrg, hour: number): Delivery[] {
  const random = new Random(`${org.orgId} ${hour}`);
  const load = loadAt(org, hour + HOUR / 2);
  const { usage, apiRequests, mlJobs, errors } = org.hourly;
  const makers = [
    { make: makeUsage, expected: usage * load },
    { make: makeApiRequest, expected: apiRequests * load },
    { make: makeMlJob, expected: mlJobs * load },
    { make: makeError, expected: errors * load * errorLoad(hour + HOUR / 2) },
  ];
  const deliveries: Delivery[] = makeShop(org, hour).map((event) => ({
    at: Date.parse(event.occurredAt),
    event,
  }));
  for (const { make, expected } of makers) {
    for (let count = random.poisson(expected); count > 0; count--) {
      const at = hour + random.next() * HOUR;
      deliveries.push({ at, event: make(random, org, Math.floor(at - lateness(random))) });
    }
  }
  const again = deliveries
    .filter(() => random.chance(DUPLICATED))
    .map(({ at, event }) => ({ at: Math.min(at + random.between(SECOND, MINUTE), hour + HOUR - 1), event }));
  return [...deliveries, ...again];
}

/** Milliseconds between an event and its delivery. */
function lateness(random: Random): number {
  const draw = random.next();
  if (draw < DAYS_LATE) return random.between(HOUR, 2 * DAY);
  return draw < DAYS_LATE + MINUTES_LATE ? random.lognormal(8 * MINUTE, 0.8) : 0;
}
