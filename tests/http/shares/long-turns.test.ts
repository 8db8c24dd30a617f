/** Small requests that are much work, beside a caller that notices when the process does nothing else. */
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { makeUsage } from '../../support/events/fixtures.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

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
      expect(json.errors[0].message).toMatch(/^must hold (10000 events|2000000 values) or fewer$/);
  }
});

const IMPORT = '/api/v1/analytics/alerts/configs/import?orgId=attacker&dryRun=true';

function importRules(body: string) {
  return service.call(IMPORT, { method: 'POST', headers: { 'content-type': 'application/yaml' }, body });
}

test.each([
  [
    'an entry of 300,000 keys',
    `alerts:\n- {${Array.from({ length: 300_000 }, (_, at) => `a${at}: 1`)}}`,
    /alerts\[0\] has more than 1000 values|took longer than 10 s/,
  ],
  [
    '300,000 keys beside the list',
    `${Array.from({ length: 300_000 }, (_, at) => `a${at}: 1`).join('\n')}`,
    /list named alerts|took longer than 10 s/,
  ],
])('YAML with %s is refused, and the process does other work meanwhile', async (_, text, detail) => {
  const start = performance.now();
  let last = start;
  let longestGap = 0;
  const tick = () => {
    longestGap = Math.max(longestGap, performance.now() - last);
    last = performance.now();
  };
  const ticking = setInterval(tick, 5);
  const answer = await importRules(text);
  tick();
  clearInterval(ticking);
  expect(answer.status).toBe(400);
  expect(answer.json.detail).toMatch(detail);
  expect(longestGap).toBeLessThan((performance.now() - start) / 2);
});

test('a large file of rules is read in a thread as a small one is read at once', async () => {
  const rule = (at: number) =>
    `- {name: r${at}, metric: usage.count, type: threshold_above, threshold: .5}\n`;
  const many = await importRules(`alerts:\n${Array.from({ length: 1_000 }, (_, at) => rule(at)).join('')}`);
  const one = await importRules(`alerts:\n${rule(0)}`);
  expect([many.status, one.status]).toEqual([200, 200]);
  expect(many.json.changes).toHaveLength(1_000);
  expect(many.json.changes[0]).toEqual(one.json.changes[0]);
});
