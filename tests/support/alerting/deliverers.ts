import { afterEach, beforeEach, expect } from 'vitest';
import { loadConfig } from '../../../src/config.ts';
import { createEndpoint } from '../../../src/notifications/channels/webhook/webhook-endpoints.ts';
import { startNotifications } from '../../../src/notifications/start-notifications.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { SECOND } from '../../../src/time.ts';
import type { TestDatabase } from '../database/database.ts';
import { answering, type HttpReceiver, startReceiver } from '../servers/http-receiver.ts';
import { type Message, messagesOf, ownName, putMessage } from './outbox.ts';

export const patience = { timeout: 30 * SECOND, interval: 25 };
/** The answer of Twilio to an accepted message. */
export const accepted = answering(201, {}, '{"sid":"SM1"}');

/** Settings with Slack and SMS at receivers of the test. */
function configFor(urls: { slack: string; sms: string }, env: Record<string, string>) {
  return loadConfig({
    SLACK_ANALYTICS_WEBHOOK: `${urls.slack}/services/x`,
    TWILIO_ACCOUNT_SID: 'AC1',
    TWILIO_AUTH_TOKEN: 'token',
    TWILIO_FROM: '+15005550006',
    TWILIO_BASE_URL: urls.sms,
    OUTBOUND_ALLOW: '127.0.0.1',
    PUBLIC_URL: 'https://tidemark.example',
    // A test of grouping sets it.
    ALERT_GROUP_WAIT: '0s',
    ...env,
  });
}

/** Deliverers of an outbox and the providers they send to, new for each test. */
export function useDeliverers(database: TestDatabase) {
  /** The clock of the deliverers; it stands still unless a test moves it. */
  const clock = { at: 0, now: () => clock.at };
  const providers: Partial<Record<'sms' | 'slack' | 'hook', HttpReceiver>> = {};
  const provider = (name: keyof typeof providers): HttpReceiver => {
    const found = providers[name];
    if (!found) throw new Error('Providers are there during a test.');
    return found;
  };
  const running: { wake(): void; stop(): Promise<void> }[] = [];

  beforeEach(async () => {
    clock.at = Date.parse('2026-11-20T10:00:00Z');
    // What a destination asked for in another test, later by the clock of that test.
    await database.pool.query('delete from analytics.notification_pace');
    for (const name of ['sms', 'slack', 'hook'] as const) providers[name] = await startReceiver();
    provider('sms').react(accepted);
  });
  afterEach(async () => {
    for (const one of Object.values(providers)) await one.close();
    await Promise.all(running.splice(0).map((deliverer) => deliverer.stop()));
  });

  return {
    clock,
    now: () => new Date(clock.at),
    get sms() {
      return provider('sms');
    },
    get slack() {
      return provider('slack');
    },
    get hook() {
      return provider('hook');
    },
    async start(env: Record<string, string> = {}) {
      const config = configFor({ slack: provider('slack').url, sms: provider('sms').url }, env);
      const { pool } = database;
      const metrics = createMetrics();
      const lines: string[] = [];
      const log = createLog({ level: 'warn', destination: { write: (line) => lines.push(line) } });
      const deliverer = await startNotifications({ config, pool, clock, log, metrics });
      running.push(deliverer);
      return { ...deliverer, metrics, lines };
    },
    /** The messages of an alert, in the order of their creation, once they have these states. */
    async outcome(alertId: string, statuses: string[]): Promise<Message[]> {
      await expect
        .poll(async () => (await messagesOf(database.pool, alertId)).map(({ status }) => status), patience)
        .toEqual(statuses);
      return messagesOf(database.pool, alertId);
    },
    put: (alertId: string, given: Partial<Parameters<typeof putMessage>[1]> = {}) =>
      putMessage(database.pool, {
        alertId,
        channel: 'sms',
        recipient: '+4915112345678',
        at: new Date(clock.at),
        ...given,
      }),
    /** A webhook of the org `acme` that goes to `hook`, and returns its name. */
    async makeHook(): Promise<string> {
      const name = ownName();
      const url = provider('hook').url;
      await createEndpoint(database.pool, { orgId: 'acme', name, url }, 'test', new Date(clock.at));
      return name;
    },
  };
}
