/** Small requests that are much work, beside a caller that notices when the process does nothing else. */
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { makeUsage } from '../support/events/fixtures.ts';
import { tokenOf, useService } from '../support/service/service.ts';

const service = useService();

test.each([
  ['application/json', `[${'{},'.repeat(3_300_000)}{}]`],
  ['application/json', `{"metadata":[${'[],'.repeat(3_300_000)}[]]}`],
  ['application/cloudevents-batch+json', `[${'{},'.repeat(3_300_000)}{}]`],
  ['application/x-ndjson', '[[],[],[],[]]\n'.repeat(700_000)],
])('%s with millions of values is refused before it is parsed', async (type, text) => {
  const body = gzipSync(text);
  expect(body.length).toBeLessThan(50_000);
  const token = await tokenOf(['ingest'], ['attacker']);
  const headers = { 'content-type': type, 'content-encoding': 'gzip' };
  const attacks = Promise.all(
    Array.from({ length: 4 }, () => service.call('/analytics/v1/events', { token, body, headers })),
  );
  const victim = await tokenOf(['ingest'], ['victim']);
  const sent = { token: victim, body: makeUsage({ orgId: 'victim' }) };
  expect((await service.call('/analytics/v1/events', sent)).json).toMatchObject({ stored: 1 });
  for (const { status, json } of await attacks) {
    // The share of the org lets in one such body at a time, or two.
    expect([413, 429]).toContain(status);
    if (status === 413)
      expect(json.errors[0].message).toMatch(/^must hold 10{4,6} (events|values) or fewer$/);
  }
});
