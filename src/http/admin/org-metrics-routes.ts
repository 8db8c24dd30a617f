import { Type } from 'typebox';
import { mayIn } from '../../auth/actor.ts';
import { CodedError } from '../../errors.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import type { OrgMetrics } from '../../ingestion/org-metrics.ts';
import { actorOf } from '../shell/authenticate.ts';
import type { Server } from '../shell/typed-server.ts';

interface OrgMetricsRouteOptions {
  /** Absent where ORG_METRICS is off. */
  orgMetrics: OrgMetrics | undefined;
  lagByOrg(): Promise<ReadonlyMap<string, number>>;
}

/** Metrics with the names of orgs, which `/metrics` must not have: who may scrape that is anybody. */
export function registerOrgMetricsRoutes(
  server: Server,
  { orgMetrics, lagByOrg }: OrgMetricsRouteOptions,
): void {
  server.get(
    '/metrics/orgs',
    {
      config: { access: { capability: 'reliability:read', org: 'none' } },
      schema: {
        tags: ['Status'],
        summary: 'Metrics of the busiest orgs and models in the Prometheus text format',
        description:
          'Of the usage that this process has stored since it started: the 200 busiest pairs of org and model, and the rest as `other`. Only for callers who may read all orgs, and only with ORG_METRICS=on.',
        produces: ['text/plain'],
        response: { 200: Type.String() },
      },
    },
    async (request, reply) => {
      if (!mayIn(actorOf(request), 'reliability:read', ALL_ORGS))
        throw new CodedError('forbidden', 'This shows all orgs. It needs the role admin.');
      if (!orgMetrics)
        throw new CodedError('not_found', 'Metrics of orgs are off. Start the service with ORG_METRICS=on.');
      // Counters go on without the database, which freshness is asked of.
      const lags = await lagByOrg().catch((error: unknown) => {
        request.log.warn({ err: error }, 'the freshness of orgs is not known');
        return undefined;
      });
      const { text, contentType } = await orgMetrics.page(lags);
      return reply.type(contentType).send(text);
    },
  );
}
