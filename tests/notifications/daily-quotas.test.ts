import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accepted, useDeliverers } from '../support/alerting/deliverers.ts';
import { fireAlert, ownName } from '../support/alerting/outbox.ts';
import { useDatabase } from '../support/database/database.ts';
import { answering, type HttpReceiver, startReceiver } from '../support/servers/http-receiver.ts';
import { tokenOf, useService } from '../support/service/service.ts';

const database = useDatabase();
const on = useDeliverers(database);

describe('SMS of notices', () => {
  const warning = (orgId: string | null) => ({ notice: { severity: 'warning' as const, orgId } });

  test('beyond the quota of the day are given up with the reason; those of another org are sent', async () => {
    const alertId = await fireAlert(database.pool);
    const org = ownName();
    await on.start({ QUOTA_SMS_PER_DAY: '2' });
    const outcomes: string[] = [];
    for (const orgId of [org, org, org, ownName(), null]) {
      await on.put(alertId, warning(orgId));
      const [last] = (
        await on.outcome(alertId, [...outcomes, outcomes.length === 2 ? 'dead' : 'sent'])
      ).slice(-1);
      outcomes.push(last?.status ?? '');
      if (last?.status === 'dead') {
        expect(last.failure).toBe(
          'The quota sms_per_day of the org is reached: 2 SMS a day. Wait until 00:00 UTC, or ask the operator to raise QUOTA_SMS_PER_DAY.',
        );
      }
    }
    expect(on.sms.received).toHaveLength(4);
    on.clock.at += 24 * 3_600_000;
    await on.put(alertId, warning(org));
    await on.outcome(alertId, [...outcomes, 'sent']);
  });

  test('that the provider refuses do not count', async () => {
    const alertId = await fireAlert(database.pool);
    const org = ownName();
    await on.start({ QUOTA_SMS_PER_DAY: '1' });
    on.sms.react(answering(400, {}, '{"message":"no such number"}'));
    await on.put(alertId, warning(org));
    await on.outcome(alertId, ['dead']);
    on.sms.react(accepted);
    await on.put(alertId, warning(org));
    await on.outcome(alertId, ['dead', 'sent']);
  });

  test('go only to the allowed beginnings of numbers', async () => {
    const alertId = await fireAlert(database.pool);
    await on.start({ SMS_PREFIXES: '+49,+43' });
    await on.put(alertId, { recipient: '+790012345678', ...warning('acme') });
    const [refused] = await on.outcome(alertId, ['dead']);
    expect(refused?.failure).toBe(
      'the number +790012345678 must begin with one of +49, +43, which the setting SMS_PREFIXES allows',
    );
    expect(on.sms.received).toHaveLength(0);
    await on.put(alertId, warning('acme'));
    await on.outcome(alertId, ['dead', 'sent']);
  });
});

describe('trials', () => {
  const env: Record<string, string> = {
    QUOTA_TRIALS_PER_DAY: '3',
    QUOTA_SMS_PER_DAY: '2',
    TWILIO_ACCOUNT_SID: 'AC1',
    TWILIO_AUTH_TOKEN: 'token',
    TWILIO_FROM: '+15005550006',
  };
  let twilio: HttpReceiver;
  beforeAll(async () => {
    twilio = await startReceiver();
    twilio.react(accepted);
    env.TWILIO_BASE_URL = twilio.url;
  });
  afterAll(() => twilio.close());
  const service = useService(env);

  test('are refused beyond the quota of the org, however many come at once, and those of another org are sent', async () => {
    const [org, other] = [ownName(), ownName()];
    const test = async (orgId: string, channel: string, to: string) =>
      service.call(`/api/v1/analytics/notifications/channels/${channel}/test`, {
        token: await tokenOf(['org_admin'], [orgId]),
        body: { to },
      });
    const sms = () => test(org, 'sms', '+4915112345678');
    const answers = await Promise.all([sms(), sms(), sms(), sms(), sms(), sms()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429, 429, 429]);
    expect(twilio.received).toHaveLength(2);
    expect((await test(org, 'in_app', 'ada')).json).toMatchObject({
      code: 'quota_exceeded',
      detail: expect.stringMatching(/^The quota trials_per_day of the org is reached: 3 test notices a day/),
    });
    expect(Number((await sms()).headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await test(other, 'sms', '+4915112345678')).status).toBe(200);
    const { json } = await service.call(`/analytics/v1/orgs/${org}/limits`);
    expect(json.limits).toContainEqual({ quota: 'trials_per_day', limit: 3, used: 3 });
    expect(json.limits).toContainEqual({ quota: 'sms_per_day', limit: 2, used: 2 });
  });
});

test('of the notices that an org has waiting beyond its quota the newest are given up, and critical ones last', async () => {
  const alertId = await fireAlert(database.pool);
  const [full, neighbour] = [ownName(), ownName()];
  const tomorrow = new Date(on.clock.at + 24 * 3_600_000);
  const put = async (orgId: string, severity: 'warning' | 'critical') =>
    on.put(alertId, {
      channel: 'slack',
      recipient: 'analytics',
      heldUntil: tomorrow,
      notice: { orgId, severity },
    });
  for (const severity of ['warning', 'warning', 'critical', 'warning'] as const) await put(full, severity);
  for (const severity of ['warning', 'warning'] as const) await put(neighbour, severity);
  await on.start({ QUOTA_PENDING_NOTICES: '2' });
  const messages = await on.outcome(alertId, ['waiting', 'dead', 'waiting', 'dead', 'waiting', 'waiting']);
  expect(messages[1]?.failure).toBe(
    'The quota pending_notices of the org is reached: 2 unsent notices. Make rules that fire less often, or ask the operator to raise QUOTA_PENDING_NOTICES.',
  );
});
