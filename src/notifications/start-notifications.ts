import type { Pool } from 'pg';
import type { Config } from '../config.ts';
import { limitsOf } from '../quotas/quota.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Clock } from '../time.ts';
import { type Channel, DeliveryError } from './channels/channel.ts';
import { createDiscord } from './channels/discord/discord.ts';
import { createEmail } from './channels/email/email.ts';
import { forPeople } from './channels/for-people.ts';
import { metered } from './channels/metered.ts';
import { createOutbound } from './channels/outbound.ts';
import { createPagerDuty } from './channels/pagerduty/pagerduty.ts';
import { createSlack } from './channels/slack/slack.ts';
import { DEFAULT_SLACK, slackUrls } from './channels/slack/slack-destinations.ts';
import { createSms } from './channels/sms/sms.ts';
import { createTeams } from './channels/teams/teams.ts';
import type { EndpointOf } from './channels/webhook/endpoint-for.ts';
import { createWebhook } from './channels/webhook/webhook.ts';
import { findEndpoint } from './channels/webhook/webhook-endpoints.ts';
import type { ChartOf } from './chart/chart-values.ts';
import type { ChannelName, DestinationKind } from './notice/notice.ts';
import { acknowledgeLinks } from './outbox/acknowledge-link.ts';
import { Deliverer } from './outbox/deliverer.ts';
import type { DefaultRecipients } from './routing/routing.ts';
import { signingKey } from './signing-key.ts';

/** A channel that is not set up. Its messages fail for good, with the missing setting as the reason. */
function closed(name: ChannelName, setting: string): Channel {
  return {
    name,
    send: async () => {
      throw new DeliveryError(`${name} is not set up; ${setting} is not set`, { retryable: false });
    },
  };
}

/** Opens every channel that leads outside the product. */
export function openChannels({
  config,
  pool,
  clock,
  log,
}: {
  config: Config;
  pool: Pool;
  clock: Clock;
  log: Pick<Log, 'warn'>;
}): { channels: ReadonlyMap<ChannelName, Channel>; close(): Promise<void> } {
  const outbound = createOutbound({ allow: config.outboundAllow, log });
  const email =
    config.smtpUrl === undefined ? undefined : createEmail({ url: config.smtpUrl, from: config.emailFrom });
  const slack = slackUrls(config);
  const metering = { database: pool, clock, limits: limitsOf(config) };
  const { twilioAccountSid: accountSid, twilioAuthToken: authToken, twilioFrom: from } = config;
  const endpointsOf =
    (kind: DestinationKind): EndpointOf =>
    (name, orgId) =>
      findEndpoint(pool, orgId, name, kind);
  const open: Channel[] = [
    email ? metered(forPeople(email), 'emails_per_day', metering) : closed('email', 'SMTP_URL'),
    slack !== undefined
      ? forPeople(createSlack(outbound, slack))
      : closed('slack', 'SLACK_ANALYTICS_WEBHOOK'),
    accountSid !== undefined && authToken !== undefined && from !== undefined
      ? metered(
          forPeople(
            createSms(outbound, {
              accountSid,
              authToken,
              from,
              baseUrl: config.twilioBaseUrl,
              prefixes: config.smsPrefixes,
            }),
          ),
          'sms_per_day',
          metering,
        )
      : closed('sms', 'TWILIO_ACCOUNT_SID'),
    createWebhook(outbound, clock, endpointsOf('webhook')),
    forPeople(createPagerDuty(outbound, endpointsOf('pagerduty'))),
    forPeople(createTeams(outbound, endpointsOf('teams'))),
    forPeople(createDiscord(outbound, endpointsOf('discord'))),
  ];
  return {
    channels: new Map(open.map((channel) => [channel.name, channel])),
    async close() {
      email?.close();
      await outbound.close();
    },
  };
}

/** Fallback recipients, used when no preference covers the severity. */
export function defaultRecipients({ emailTo, smsTo, slackWebhook }: Config): DefaultRecipients {
  return {
    email: emailTo,
    sms: smsTo,
    slack: slackWebhook === undefined ? [] : [DEFAULT_SLACK],
  };
}

/** Starts sending the outbox. `wake` sends new messages at once; `check` rejects while the sending stands still. */
export async function startNotifications(options: {
  config: Config;
  pool: Pool;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** Finds the values of the chart of an alert; absent: mails have no charts. */
  chartOf?: ChartOf;
}): Promise<{ wake(): void; check(): Promise<void>; stop(): Promise<void> }> {
  const { config, pool, clock } = options;
  const { channels, close } = openChannels(options);
  const linksOf = acknowledgeLinks(config.publicUrl, await signingKey(pool, 'acknowledge'), clock);
  const deliverer = new Deliverer({
    ...options,
    channels: [...channels.values()],
    defaults: defaultRecipients(config),
    mostPending: limitsOf(config).pending_notices,
    linksOf,
    groupWait: config.alertGroupWait,
  });
  deliverer.start();
  return {
    wake: () => deliverer.wake(),
    check: () => deliverer.check(),
    async stop() {
      await deliverer.stop();
      await close();
    },
  };
}
