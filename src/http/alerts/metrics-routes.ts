import { Type } from 'typebox';
import { dimensionNamesOf, hasLabels, watchableMetrics } from '../../alerts/rules/metrics.ts';
import { numberOrNull } from '../fields/nullable.ts';
import { requires } from '../shell/authenticate.ts';
import type { Server } from '../shell/typed-server.ts';

/** The metrics that an alert rule can watch. */
export function registerAlertMetricsRoutes(server: Server): void {
  server.get('/api/v1/analytics/alerts/metrics', listRoute, async () => list());
}

const listRoute = {
  config: requires('alerts:read', 'none'),
  schema: {
    tags: ['Alerts'],
    summary: 'List the metrics that a rule can watch',
    response: {
      200: Type.Object({
        metrics: Type.Array(
          Type.Object({
            name: Type.String(),
            about: Type.String(),
            unit: Type.String({ description: 'The unit of a threshold.' }),
            min: numberOrNull(),
            max: numberOrNull(),
            dimensions: Type.Array(Type.String(), { description: 'For `filters` and `groupBy`.' }),
            labels: Type.Boolean({
              description:
                'Whether `filters` and `groupBy` can also name labels of the org, such as label.team.',
            }),
          }),
        ),
      }),
    },
  },
};

function list() {
  const metrics = [...watchableMetrics.values()].map((metric) => ({
    name: metric.name,
    about: metric.about,
    unit: metric.unit,
    min: metric.min,
    max: metric.max,
    dimensions: dimensionNamesOf(metric),
    labels: hasLabels(metric),
  }));
  return { metrics };
}
