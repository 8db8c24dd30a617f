import { outageAt } from './incidents.ts';
import type { DemoEvent } from './make-usage.ts';
import type { Random } from './random.ts';
import type { DemoOrg } from './world.ts';

const ROUTES = [
  { method: 'POST', route: '/v1/chat', medianMs: 900, weight: 6 },
  { method: 'GET', route: '/v1/search', medianMs: 120, weight: 5 },
  { method: 'GET', route: '/v1/documents/:id', medianMs: 35, weight: 4 },
  { method: 'POST', route: '/v1/documents', medianMs: 210, weight: 2 },
  { method: 'DELETE', route: '/v1/documents/:id', medianMs: 60, weight: 1 },
];
const CLIENT_ERRORS = [400, 401, 404, 404, 404, 429];
const SERVER_ERRORS = [500, 502, 503];

/** One HTTP request to the org's platform. */
export function makeApiRequest(random: Random, org: DemoOrg, millis: number): DemoEvent {
  const { method, route, medianMs } = random.pick(ROUTES);
  const isAffected = route === '/v1/chat' && outageAt(millis) !== undefined;
  const fails = random.chance(isAffected ? 0.35 : 0.004);
  const statusCode = fails
    ? random.oneOf(SERVER_ERRORS)
    : random.chance(0.04)
      ? random.oneOf(CLIENT_ERRORS)
      : method === 'POST'
        ? 201
        : 200;
  return {
    eventId: random.uuid(),
    orgId: org.orgId,
    type: 'api_request',
    occurredAt: new Date(millis).toISOString(),
    method,
    route,
    statusCode,
    durationMs: Math.round(random.lognormal(medianMs * (isAffected ? 4 : 1), 0.6) * 10) / 10,
    clientId: random.pick(org.clients).clientId,
  };
}

const ERRORS = [
  {
    service: 'gateway',
    code: 'upstream_timeout',
    severity: 'error',
    message: 'The upstream did not answer in time',
    weight: 4,
  },
  {
    service: 'worker',
    code: 'retry_exhausted',
    severity: 'error',
    message: 'A job failed after its last retry',
    weight: 3,
  },
  {
    service: 'search',
    code: 'index_stale',
    severity: 'warning',
    message: 'The index is older than ten minutes',
    weight: 3,
  },
  {
    service: 'billing',
    code: 'price_missing',
    severity: 'warning',
    message: 'A model has no price; it was taken as free',
    weight: 1,
  },
  {
    service: 'gateway',
    code: 'pool_exhausted',
    severity: 'critical',
    message: 'No connection was left',
    weight: 1,
  },
];

/** An error in one of the org's services. */
export function makeError(random: Random, org: DemoOrg, millis: number): DemoEvent {
  const isOutage = outageAt(millis) !== undefined;
  const { weight: _, ...what } =
    isOutage && random.chance(0.8) ? (ERRORS[0] as (typeof ERRORS)[0]) : random.pick(ERRORS);
  return {
    eventId: random.uuid(),
    orgId: org.orgId,
    type: 'error',
    occurredAt: new Date(millis).toISOString(),
    ...what,
  };
}

/** The rate of errors at a moment, as a multiple of the usual rate. */
export function errorLoad(millis: number): number {
  return outageAt(millis) ? 12 : 1;
}
