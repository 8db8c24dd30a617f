import type { Delivery } from '../../../src/notifications/channels/channel.ts';
import type { Notice } from '../../../src/notifications/notice/notice.ts';

/** A realistic notice, with the given changes. */
export function makeNotice(given: Partial<Notice> = {}): Notice {
  return {
    kind: 'firing',
    alertId: '0198f3a2-7f1e-7c51-9b0a-5d1f6c0a1b2c',
    configId: '0198f3a2-0000-7000-8000-000000000001',
    orgId: 'acme',
    severity: 'critical',
    reason: 'above_threshold',
    actorId: null,
    note: null,
    name: 'Failing answers',
    metric: 'usage.error_rate',
    unit: 'ratio',
    type: 'threshold_above',
    threshold: 0.05,
    recoveryThreshold: null,
    group: { model: 'gpt-4o' },
    value: 0.073,
    measuredAt: given.at ?? '2026-11-20T10:00:00.000Z',
    baseline: null,
    windowSeconds: 300,
    sampleCount: 1_240,
    startedAt: '2026-11-20T10:00:00.000Z',
    at: '2026-11-20T10:00:00.000Z',
    ...given,
  };
}

export function makeDelivery(given: Partial<Delivery> = {}): Delivery {
  return {
    id: 'delivery-1',
    notice: makeNotice(),
    recipient: 'ops',
    orgId: 'acme',
    links: {
      alert: 'https://tidemark.example/alerts/1',
      acknowledge: 'https://tidemark.example/ack/1?t=a&s=b',
    },
    ...given,
  };
}

/** The part of a preference of somebody who has only the older addresses. */
export const elsewhere = { pagerduty: null, teams: null, discord: null, timezone: null } as const;
