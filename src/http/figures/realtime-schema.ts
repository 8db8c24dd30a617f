import { Type } from 'typebox';
import { numberOrNull } from '../fields/nullable.ts';
import { moment } from '../fields/texts.ts';

export const PercentilesSchema = Type.Object(
  { p50: numberOrNull(), p95: numberOrNull(), p99: numberOrNull() },
  { description: 'Milliseconds, interpolated within the buckets of a histogram.' },
);

export const MissingSchema = Type.Array(
  Type.Object({
    part: Type.String({ description: 'A field of the answer, or a process that did not answer.' }),
    reason: Type.String(),
  }),
  { description: 'Parts that could not be read, and why. The rest of the answer is correct without them.' },
);

export const realtimeSource = Type.Enum(['prometheus', 'scrape', 'process'] as const, {
  description:
    'prometheus: a Prometheus server. scrape: /metrics of all processes of the service. process: this process alone.',
});

/** The service's own figures of the last minutes. */
export const RealtimeSchema = Type.Object({
  source: realtimeSource,
  asOf: moment('When the source was read.'),
  windowSeconds: Type.Number({ description: 'The time that rates and percentiles cover.' }),
  processes: numberOrNull('Processes of the service that answered.'),
  uptimeSeconds: numberOrNull('Time since the oldest process started.'),
  requestRate: numberOrNull('Requests answered per second, without probes and scrapes.'),
  errorRate: numberOrNull('Share answered with 5xx, 0 to 1; null without requests.'),
  latencyMs: PercentilesSchema,
  queryMs: PercentilesSchema,
  rollupLagSeconds: numberOrNull('How far the rollups are behind the stored events.'),
  missing: MissingSchema,
  unreachable: Type.Array(Type.String(), {
    description: 'Processes that did not answer.',
  }),
});
