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
  { description: 'What could not be had, and why; the rest of the answer is right without it.' },
);

export const realtimeSource = Type.Enum(['prometheus', 'scrape', 'process'] as const, {
  description: 'A Prometheus server, /metrics of the processes of the service, or this process alone.',
});

/** The service's own figures of the last moments. */
export const RealtimeSchema = Type.Object({
  source: realtimeSource,
  asOf: moment('When it was asked.'),
  windowSeconds: Type.Number({ description: 'What rates and percentiles are taken over.' }),
  processes: numberOrNull('Processes of the service that were heard of.'),
  uptimeSeconds: numberOrNull('Since the start of the one that has run longest.'),
  requestRate: numberOrNull('Requests answered a second, without probes and scrapes.'),
  errorRate: numberOrNull('Share answered with 5xx, 0 to 1; null without requests.'),
  latencyMs: PercentilesSchema,
  queryMs: PercentilesSchema,
  rollupLagSeconds: numberOrNull('How far rollups are behind what is stored.'),
  missing: MissingSchema,
  unreachable: Type.Array(Type.String(), {
    description: 'Processes that were asked and did not answer.',
  }),
});
