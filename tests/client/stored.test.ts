import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import packageJson from '../../client/package.json' with { type: 'json' };
import { withCorrelationId } from '../../client/src/correlation.ts';
import { NotStored, type StoredEvent, Tidemark, type TidemarkOptions } from '../../client/src/tidemark.ts';
import { version } from '../../client/src/version.ts';
import { useService } from '../support/service/service.ts';

const service = useService();
let apiKey = '';

beforeAll(async () => {
  const { json } = await service.call('/analytics/v1/api-keys', {
    body: { name: 'application', role: 'ingest', orgs: ['acme'] },
  });
  apiKey = json.key;
});

function connect(options: Partial<TidemarkOptions> = {}): Tidemark {
  return new Tidemark({ url: service.origin, apiKey, org: 'acme', ...options });
}

async function storedOf(modelId: string): Promise<Record<string, unknown>[]> {
  const { rows } = await service.database.pool.query('select * from analytics.events where model_id = $1', [
    modelId,
  ]);
  return rows;
}

describe('what is tracked', () => {
  test('is stored with an id, the org, the time, the source and the correlation id', async () => {
    const client = connect({ source: 'search' });
    withCorrelationId('req-1', () =>
      client.track({ type: 'usage', modelId: 'gpt-4o', status: 'success', inputTokens: 3, outputTokens: 4 }),
    );
    client.track({ type: 'api_request', method: 'GET', route: '/a', statusCode: 200, durationMs: 1.5 });
    client.track({ type: 'error', code: 'E1', severity: 'error', message: 'broke', service: 'search' });
    client.order({ orderId: 'A-1', status: 'completed', currency: 'EUR', amountCents: 100 });
    client.order({ orderId: 'A-1', status: 'completed', currency: 'EUR', amountCents: 100 });
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    await expect(client.flush()).rejects.toThrow('1 of 5 events were not stored: 1 refused or dropped');
    expect(await client.close()).toEqual({
      ...{ queued: 0, sent: 5, stored: 4, duplicates: 0, conflicts: 1, rejected: 0, dropped: 0, retries: 0 },
    });
    expect(await storedOf('gpt-4o')).toMatchObject([
      { type: 'usage', org_id: 'acme', client_id: 'search', correlation_id: 'req-1' },
    ]);
  });

  test('is told about one by one when it is sent at once', async () => {
    await using client = connect();
    const event = { modelId: 'm', status: 'success', eventId: 'once-1', occurredAt: Date.now() } as const;
    expect(await client.trackNow(event)).toEqual({ outcome: 'stored' });
    expect(await client.trackNow(event)).toEqual({ outcome: 'duplicate' });
    expect(await client.trackNow({ ...event, modelId: 'other' })).toMatchObject({ outcome: 'conflict' });
    const refused = await client.trackNow({ modelId: 'm', status: 'success', inputTokens: -1 });
    expect(refused).toMatchObject({ outcome: 'rejected', reason: expect.stringContaining('inputTokens') });
  });

  test('is refused event by event: each reason arrives, also beyond those the service names at once', async () => {
    const reasons = new Map<string, string>();
    const client = connect({ onRejected: ({ eventId }, { detail }) => reasons.set(eventId, detail) });
    for (let index = 0; index < 900; index++) {
      const inputTokens = index % 3 === 0 ? -1 : 1;
      client.track({ modelId: 'many', status: 'success', eventId: `many-${index}`, inputTokens });
    }
    await expect(client.flush()).rejects.toThrow(NotStored);
    const { stored: count, rejected, duplicates } = await client.close();
    expect({ count, rejected, duplicates }).toEqual({ count: 600, rejected: 300, duplicates: 0 });
    expect(reasons.size).toBe(300);
    expect([...reasons.keys()].every((id) => Number(id.slice(5)) % 3 === 0)).toBe(true);
    expect(await storedOf('many')).toHaveLength(600);
  });

  test('is halved until it fits, when a request is too large', async () => {
    const dropped = vi.fn();
    const client = connect({
      ...{
        maxBatchBytes: 64_000_000,
        maxQueueBytes: 64_000_000,
        flushAt: 1e6,
        onDrop: dropped,
        onError: () => {},
      },
    });
    const metadata = Object.fromEntries(
      Array.from({ length: 45 }, (_, index) => [`k${index}`, 'x'.repeat(900)]),
    );
    for (let index = 0; index < 300; index++)
      client.track({ modelId: 'large', status: 'success', eventId: `large-${index}`, metadata });
    await client.flush(60_000);
    expect(await client.close()).toMatchObject({ stored: 300, dropped: 0 });
    expect(dropped).not.toHaveBeenCalled();
    expect(await storedOf('large')).toHaveLength(300);
  });
});

describe('what cannot be sent', () => {
  test('is told with its count and its reason', async () => {
    const drops: [number, string][] = [];
    const client = connect({ maxQueueBytes: 3_000, onDrop: (count, reason) => drops.push([count, reason]) });
    const circular: Record<string, never> & { self?: unknown } = {};
    circular.self = circular;
    client.track({ modelId: 'm', status: 'success', metadata: circular as Record<string, string> });
    for (let index = 0; index < 100; index++) client.track({ modelId: 'full', status: 'success' });
    const { stored: count, dropped } = await client.close();
    expect(count + dropped).toBe(101);
    expect(count).toBeGreaterThan(5);
    client.track({ modelId: 'late', status: 'success' });
    expect(await client.trackNow({ modelId: 'late', status: 'success' })).toEqual({
      ...{ outcome: 'dropped', reason: 'closed' },
    });
    await expect
      .poll(() => drops.reduce((sum, [each]) => sum + each, 0), { timeout: 20_000 })
      .toBe(client.stats.dropped);
    expect(new Set(drops.map(([, reason]) => reason))).toEqual(new Set(['not_json', 'queue_full', 'closed']));
  });

  test('waits while the key is refused, and the refusal is told', async () => {
    const onError = vi.fn();
    const client = connect({ apiKey: 'tmk_none_none', onError, shutdownTimeout: 500, onDrop: () => {} });
    client.track({ modelId: 'm', status: 'success' });
    await expect(client.flush(1_000)).rejects.toThrow(
      '1 of 1 events were not stored: 0 refused or dropped, 1 still',
    );
    expect(onError).toHaveBeenCalledOnce();
    expect(onError.mock.calls[0]?.[0].message).toContain('The service answered 401');
    expect(await client.close()).toMatchObject({ queued: 0, dropped: 1 });
  });

  test('is nothing at all when the client is disabled', async () => {
    const client = new Tidemark({ url: '', apiKey: '', org: '', disabled: true });
    client.track({ modelId: 'm', status: 'success' });
    expect(await client.close()).toMatchObject({ sent: 0, queued: 0, dropped: 0 });
  });

  test('is nothing at all when the environment disables every client', async () => {
    vi.stubEnv('TIDEMARK_DISABLED', '1');
    onTestFinished(() => void vi.unstubAllEnvs());
    const client = connect({ url: 'http://127.0.0.1:9' });
    client.track({ modelId: 'm', status: 'success' });
    expect(await client.trackNow({ modelId: 'm', status: 'success' })).toMatchObject({ reason: 'disabled' });
    expect(await client.close()).toMatchObject({ sent: 0, queued: 0, dropped: 0 });
  });

  test('is refused before, by an option that cannot be right', () => {
    expect(() => connect({ url: 'tidemark.example.com' })).toThrow('url: tidemark.example.com is no address');
    expect(() => connect({ apiKey: '' })).toThrow('apiKey is missing');
    expect(() => connect({ flushAt: 0 })).toThrow('flushAt: 0 is no positive number');
  });
});

test('a clock that is off by more than five minutes is told once, and debug prints each batch', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const debug = vi.spyOn(console, 'debug').mockImplementation(() => {});
  const late = async (...request: Parameters<typeof fetch>) => {
    const response = await fetch(...request);
    const headers = {
      ...Object.fromEntries(response.headers),
      date: new Date(Date.now() - 600_000).toUTCString(),
    };
    return new Response(await response.text(), { status: response.status, headers });
  };
  const client = connect({ fetch: late, debug: true });
  for (let index = 0; index < 3; index++) await client.trackNow({ modelId: 'skewed', status: 'success' });
  expect(await client.close()).toMatchObject({ stored: 3 });
  expect(warn).toHaveBeenCalledOnce();
  expect(warn.mock.calls[0]?.[0]).toMatch(/the clock here is 60\d s ahead of the service's/);
  expect(debug).toHaveBeenCalledTimes(3);
});

test('the callbacks of a caller may throw', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  const throws = () => {
    throw new Error('of the caller');
  };
  const client = connect({
    onDrop: throws,
    onError: throws,
    onRejected: throws as (event: StoredEvent) => void,
  });
  client.track({ modelId: 'm', status: 'success', inputTokens: -1 });
  client.track({ modelId: 'm', status: 'success', metadata: { large: 1n as unknown as number } });
  client.track({ modelId: 'm', status: 'success' });
  expect(await client.close()).toMatchObject({ stored: 1, rejected: 1, dropped: 1, queued: 0 });
});

test('the version is that of the package', () => {
  expect(version).toBe(packageJson.version);
});
