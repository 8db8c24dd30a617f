import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

test('every metric is named by the rules of Prometheus', async () => {
  const metrics = createMetrics();
  metrics.observeQueue(() => 0);
  metrics.observePools({ read: { totalCount: 0, idleCount: 0, waitingCount: 0 } });
  const all = await metrics.registry.getMetricsAsJSON();
  expect(all.length).toBeGreaterThan(10);
  for (const { name, type, help } of all) {
    expect(name).toMatch(/^tidemark_[a-z0-9_]+$/);
    expect(help).not.toBe('');
    if (type.toString() === 'counter') expect(name).toMatch(/_total$/);
  }
});

test('the gauges of the pool and the queue are read only when asked for', async () => {
  const metrics = createMetrics();
  let depth = 1;
  const pool = { totalCount: 5, idleCount: 2, waitingCount: 7 };
  metrics.observeQueue(() => depth);
  metrics.observePools({ read: pool });
  depth = 42;
  const text = await metrics.registry.metrics();
  expect(text).toContain('tidemark_queue_events 42');
  expect(text).toContain('tidemark_database_pool_connections{pool="read",state="busy"} 3');
  expect(text).toContain('tidemark_database_pool_connections{pool="read",state="idle"} 2');
  expect(text).toContain('tidemark_database_pool_waiting{pool="read"} 7');
});
