import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { DemoApi } from '../../src/demo/api.ts';
import { fillHistory } from '../../src/demo/fill-history.ts';
import { untilRolledUp } from '../../src/demo/last-day.ts';
import { ProgressFile } from '../../src/demo/progress-file.ts';
import { floorTo, HOUR, MINUTE } from '../../src/time.ts';
import type { Service } from '../support/service/service.ts';

const patience = { timeout: MINUTE, interval: 200 };
const rules = '/api/v1/analytics/alerts/configs';

/** A range of full hours that is over and has the events of the demo, so that no number moves while a test looks at it. */
export interface Seeded {
  start: Date;
  end: Date;
  /** As the address of a page has it. */
  range: string;
}

/** Fills an org with two hours of every kind of event, and waits until they are rolled up. */
export async function seedDemo(service: Service, token: string): Promise<Seeded> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-console-'));
  const end = floorTo(HOUR, Date.now());
  const start = end - 2 * HOUR;
  const progress = new ProgressFile(folder);
  const stopRequested = new AbortController().signal;
  const api = new DemoApi(service.origin, token);
  await fillHistory({ api, progress, wanted: { from: start, to: end }, stopRequested, onProgress: () => {} });
  await rm(folder, { recursive: true });
  await untilRolledUp(api, Date.now(), stopRequested);
  const range = `${new Date(start).toISOString()}/${new Date(end).toISOString()}`;
  return { start: new Date(start), end: new Date(end), range };
}

/** The range as the API has it. */
export function timeOf({ start, end }: Seeded): string {
  return `start=${start.toISOString()}&end=${end.toISOString()}&timezone=UTC`;
}

/** Adds a rule that fires with the next call, sends one, and waits for the alert. */
export async function fireAlert(service: Service, token: string, event: object): Promise<string> {
  const rule = { orgId: 'acme', name: 'Any call', metric: 'usage.count', type: 'threshold_above' };
  const body = { ...rule, threshold: 0, windowSeconds: 300, onData: true, channels: [{ channel: 'in_app' }] };
  expect((await service.call(rules, { token, body })).status).toBe(201);
  await service.call('/analytics/v1/events', { body: [event] });
  const active = async () =>
    (await service.call('/api/v1/analytics/alerts/active?orgId=acme', { token })).json.alerts;
  return vi.waitFor(async () => {
    const [alert] = await active();
    expect(alert).toBeDefined();
    return alert.id;
  }, patience);
}
