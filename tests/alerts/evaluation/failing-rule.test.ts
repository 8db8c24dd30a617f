import { expect, test } from 'vitest';
import { MINUTE } from '../../../src/time.ts';
import { useUsageAlerts } from '../usage-alerts.ts';

const { clock, evaluateAll, addConfig, later, query } = useUsageAlerts();

/** Evaluates a rule at each due time until so much time has passed. */
async function pass(minutes: number): Promise<void> {
  for (const end = clock.now() + minutes * MINUTE; clock.now() < end; later(20_000)) await evaluateAll();
}

function notices() {
  return query<{ notice: string; recipient: string; payload: { evaluation: object } }>(
    'select notice, recipient, payload from analytics.notification_outbox order by id',
  );
}

test('the recipients of a rule learn once that it cannot be evaluated, and once that it is again', async () => {
  const channels = [{ channel: 'email', to: 'owner@example.com' }];
  const { id } = await addConfig({ name: 'Broken', channels });
  const broken = `update analytics.alert_configs set rule = rule || '{"metric": $1}' where id = '${id}'`;
  await query(broken.replace('$1', '"usage.nothing"'));
  // Two evaluations.
  await pass(0.5);
  expect(await notices(), 'a short failure is no news').toEqual([]);
  await pass(8);
  const failing = { notice: 'rule_failing', recipient: 'owner@example.com' };
  expect(await notices()).toMatchObject([
    {
      ...failing,
      payload: {
        name: 'Broken',
        evaluation: {
          failure: expect.stringContaining('is not a known metric'),
          failures: expect.any(Number),
        },
      },
    },
  ]);
  await query(broken.replace('$1', '"usage.error_rate"'));
  await pass(12);
  expect(await notices()).toMatchObject([failing, { ...failing, notice: 'rule_evaluated' }]);
});

test('a rule that is silenced is not told about before the silence ends', async () => {
  await query('delete from analytics.notification_outbox');
  const { id } = await addConfig({
    name: 'Broken too',
    channels: [{ channel: 'email', to: 'owner@example.com' }],
  });
  const until = new Date(clock.now() + 10 * MINUTE).toISOString();
  await query(
    `update analytics.alert_configs set rule = rule || '{"metric": "usage.nothing"}', silenced_until = '${until}'
     where id = '${id}'`,
  );
  await pass(9);
  expect(await notices()).toEqual([]);
  await pass(12);
  expect(await notices()).toMatchObject([{ notice: 'rule_failing' }]);
});
