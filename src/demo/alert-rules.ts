import { dump } from 'js-yaml';
import type { DemoApi } from './api.ts';

const IMPORT = '/api/v1/analytics/alerts/configs/import';

const demoRules = [
  {
    orgId: 'acme',
    name: 'Failing calls of a model',
    metric: 'usage.error_rate',
    groupBy: ['modelId'],
    type: 'threshold_above',
    threshold: 0.2,
    recoveryThreshold: 0.05,
    minimumSamples: 5,
    severity: 'critical',
    onData: true,
  },
  {
    orgId: 'acme',
    name: 'Unusual spend',
    metric: 'usage.cost',
    type: 'anomaly',
    direction: 'up',
    windowSeconds: 900,
    forSeconds: 1_800,
  },
  {
    orgId: 'atelier',
    name: 'Nobody buys',
    metric: 'business.count',
    filters: { status: 'completed' },
    type: 'threshold_below',
    threshold: 1,
    windowSeconds: 6 * 3_600,
  },
];

/** Creates the alert rules of the demo. Existing ones are left unchanged. */
export async function putDemoRules(api: DemoApi): Promise<void> {
  await api.post(IMPORT, dump({ alerts: demoRules }), 'application/yaml');
}
