import { Type } from 'typebox';
import { readAlert } from '../../alerts/history/alert-history.ts';
import { seriesOfAlert } from '../../alerts/preview/alert-series.ts';
import type { PastSources } from '../../alerts/preview/past-of.ts';
import type { RecordAudit } from '../../auth/audit.ts';
import type { Clock } from '../../time.ts';
import { numberOrNull, orNull, textOrNull } from '../fields/nullable.ts';
import { asOfEveryEvent, groupOfValues, moment, uuidInPath } from '../fields/texts.ts';
import { auditRead } from '../shell/audit-reads.ts';
import { actorOf, requires } from '../shell/authenticate.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';
import { ruleType } from './rule-schema.ts';
import { scopeOf } from './scope.ts';
import { markProperties, PointSchema, pointSeconds } from './series-schema.ts';

interface AlertSeriesOptions extends PastSources {
  clock: Clock;
  audit: RecordAudit;
}

/** The values around an alert, for a chart. */
export function registerAlertSeriesRoutes(server: Server, options: AlertSeriesOptions): void {
  server.get('/api/v1/analytics/alerts/:id/series', seriesRoute, (request) => series(options, request));
}

const seriesRoute = {
  config: requires('alerts:read', 'none'),
  schema: {
    tags: ['Alerts'],
    summary: 'Read the values around an alert',
    description:
      'The values of the group as the rule judged them when the alert fired, with the threshold or the band, and what ' +
      'happened to the alert. They are computed from the numbers of now, so late events are in them.',
    params: uuidInPath,
    response: {
      200: Type.Object({
        alertId: Type.String(),
        group: groupOfValues,
        metric: Type.String(),
        unit: Type.String(),
        currency: textOrNull('The currency of a metric in cents.'),
        type: ruleType,
        threshold: Type.Number(),
        recoveryThreshold: numberOrNull(),
        windowSeconds: Type.Integer({ description: '0 means a reading of one moment.' }),
        start: moment('Start of the values.'),
        end: moment('End of the values.'),
        asOf: asOfEveryEvent,
        coarseUntil: orNull(
          moment('Before this time minutes are no longer kept, and values are of whole 15 minutes.'),
        ),
        pointSeconds,
        points: Type.Array(PointSchema, {
          description: 'At most 1,500, by time. A point after `asOf` is of time that is not over yet.',
        }),
        marks: Type.Array(
          Type.Object({ ...markProperties, actorId: textOrNull('The actor, if a person did it.') }),
          { description: 'What happened to the alert, at most 500.' },
        ),
        note: textOrNull('What is left out, or why there are no values.'),
      }),
    },
  },
};

async function series(options: AlertSeriesOptions, request: RequestTo<typeof seriesRoute>) {
  const alert = await readAlert(options.pool, request.params.id, scopeOf(actorOf(request), 'alerts:read'));
  await auditRead(options.audit, request, alert.orgId);
  return seriesOfAlert(options, alert, options.clock.now());
}
