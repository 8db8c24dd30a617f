// biome-ignore-all lint/style/noExcessiveLinesPerFile: every part of alerting that a sequence may move.
/** All of alerting on a test database, from events to receivers, on a clock that the test sets. */

import { updateConfigs } from '../../src/alerts/configs/store-configs.ts';
import type { Act } from '../../src/alerts/decision/workflow.ts';
import type { Evaluator } from '../../src/alerts/evaluation/evaluator.ts';
import { actOnAlert } from '../../src/alerts/history/act-on-alert.ts';
import { escalateDue } from '../../src/alerts/history/escalate-due.ts';
import type { Rule, RuleChannel } from '../../src/alerts/rules/rule.ts';
import { loadConfig } from '../../src/config.ts';
import { CodedError } from '../../src/errors.ts';
import type { Channel } from '../../src/notifications/channels/channel.ts';
import { createEndpoint } from '../../src/notifications/channels/webhook/webhook-endpoints.ts';
import { Deliverer } from '../../src/notifications/outbox/deliverer.ts';
import { deliveryOf } from '../../src/notifications/outbox/delivery-of.ts';
import { expandByPreference } from '../../src/notifications/outbox/expand.ts';
import { leaseDue } from '../../src/notifications/outbox/lease-due.ts';
import { type Leased, settle } from '../../src/notifications/outbox/outbox.ts';
import { Places } from '../../src/notifications/outbox/places.ts';
import { whetherToSend } from '../../src/notifications/outbox/whether-to-send.ts';
import { savePreference } from '../../src/notifications/routing/preferences.ts';
import { type RouteNotice, routeByPreference } from '../../src/notifications/routing/route-notice.ts';
import type { DefaultRecipients } from '../../src/notifications/routing/routing.ts';
import { openChannels } from '../../src/notifications/start-notifications.ts';
import { rollUp } from '../../src/rollups/fold/roll-up.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { MINUTE, SECOND } from '../../src/time.ts';
import { alertsOn } from '../support/alerting/alerts.ts';
import { elsewhere } from '../support/alerting/notices.ts';
import type { TestDatabase } from '../support/database/database.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { silentLog } from '../support/events/ingestion.ts';
import {
  answering,
  type HttpReceiver,
  hanging,
  hangingUp,
  type Reaction,
} from '../support/servers/http-receiver.ts';

/** How a receiver answers a message; one that is away does not see it. */
export const answers = ['taken', 'too many', 'failing', 'refusing', 'hanging', 'hanging up', 'away'] as const;
export type Answer = (typeof answers)[number];

const reactions: Record<Exclude<Answer, 'away'>, Reaction> = {
  taken: answering(200),
  'too many': answering(429, { 'retry-after': '90' }),
  failing: answering(503),
  refusing: answering(400, {}, 'no such thing'),
  hanging,
  'hanging up': hangingUp,
};

/** A request that a receiver got. */
export interface Seen {
  /** Id of the message. */
  id: string;
  recipient: string;
  answer: Exclude<Answer, 'away'>;
  /** The event type that the message reports of the alert, such as `alert.firing`. */
  alertId: string;
  says: string;
}

/** Preferences name Ada and Bob, and Bob has short quiet hours. */
const receivers = ['ops', 'pager', 'ada', 'bob'] as const;
const LEASE = 15 * SECOND;
/** In real time, and shorter than in the service, so that a hanging receiver does not delay the test. */
const PATIENCE = 150;
const nobody: DefaultRecipients = { email: [], sms: [], slack: [] };
const caller = {
  actor: { id: 'test', roles: ['admin'], orgs: [], via: 'jwt' },
  route: 'test',
  requestId: 'test',
} as const;

interface RunOptions {
  /** Used by this run alone. */
  org: string;
  database: TestDatabase;
  receiver: HttpReceiver;
  store(...events: object[]): Promise<unknown>;
  clock: { at: number; now(): number };
}

export class AlertingRun {
  readonly seen: Seen[] = [];
  readonly configIds: string[] = [];
  readonly #options: RunOptions;
  readonly #alerts: ReturnType<typeof alertsOn>;
  readonly #engines: Evaluator[];
  readonly #webhook: Channel;
  readonly #closeChannels: () => Promise<void>;
  /** Messages that a slow sender has sent and not recorded. */
  readonly #slow: Leased[] = [];
  #answer: Answer = 'taken';

  constructor(options: RunOptions) {
    const { database, clock, receiver } = options;
    this.#options = options;
    this.#alerts = alertsOn(database, clock);
    this.#engines = [this.#alerts.evaluator(), this.#alerts.evaluator()];
    const config = loadConfig({ OUTBOUND_ALLOW: '127.0.0.1' });
    const { channels, close } = openChannels({ config, pool: database.pool, clock, log: silentLog });
    const webhook = channels.get('webhook');
    if (!webhook) throw new Error('There is always a webhook channel.');
    this.#webhook = {
      name: 'webhook',
      send: (delivery) => webhook.send(delivery, AbortSignal.timeout(PATIENCE)),
    };
    this.#closeChannels = close;
    receiver.react((response, request) => {
      const answer = this.#answer === 'away' ? 'taken' : this.#answer;
      const id = String(request.headers['webhook-id']).split('-').at(-1) ?? '';
      const { type: says, data } = JSON.parse(request.body);
      this.seen.push({ id, recipient: request.path.slice(1), answer, alertId: data.alertId, says });
      reactions[answer](response, request);
    });
  }

  get #pool() {
    return this.#options.database.pool;
  }

  get #now() {
    return new Date(this.#options.clock.at);
  }

  /** Creates the recipients and the rules. */
  async begin(rules: readonly object[]): Promise<void> {
    const { receiver, clock } = this.#options;
    for (const name of receivers) {
      const url = `${receiver.url}/${name}`;
      await createEndpoint(this.#pool, { orgId: this.#options.org, name, url }, 'test', this.#now);
    }
    const at = (after: number) => new Date(clock.at + after).toISOString().slice(11, 16);
    const quietHours = { from: at(2 * MINUTE), to: at(9 * MINUTE), timezone: 'UTC' };
    for (const [id, quiet] of [['ada', null] as const, ['bob', quietHours] as const]) {
      await savePreference(
        this.#pool,
        {
          kind: 'user',
          id,
          orgId: this.#options.org,
          email: null,
          phone: null,
          slack: null,
          webhook: id,
          ...elsewhere,
          channels: { info: ['webhook'], warning: ['webhook'], critical: ['webhook'] },
          quietHours: quiet,
        },
        'test',
        this.#now,
      );
    }
    for (const rule of rules) this.configIds.push((await this.#alerts.addConfig(rule, this.#options.org)).id);
  }

  end(): Promise<void> {
    return this.#closeChannels();
  }

  advance(ms: number): void {
    this.#options.clock.at += ms;
  }

  /** Stores errors of this moment, or of an earlier one, of two clients in turn. */
  async store(errors: number, late = 0): Promise<void> {
    const occurredAt = new Date(this.#options.clock.at - SECOND - late).toISOString();
    const given = { orgId: this.#options.org, occurredAt, status: 'error' } as const;
    const events = Array.from({ length: errors }, (_, n) =>
      makeUsage({ ...given, clientId: `client ${n % 2}` }),
    );
    await this.#options.store(...events);
  }

  async fold(): Promise<void> {
    while ((await rollUp(this.#pool)) > 0);
  }

  async evaluate(engines: 1 | 2): Promise<void> {
    await Promise.all(this.#engines.slice(0, engines).map((engine) => this.#alerts.evaluateAll(engine)));
  }

  /** Tells the steps of escalations that are due. */
  async escalate(engines: 1 | 2 = 1): Promise<void> {
    const { clock } = this.#options;
    // A pass tells one step of each alert, and after a long time several are due. So the next pass of an engine follows.
    for (let told = 1; told > 0; ) {
      const all = Array.from({ length: engines }, () =>
        escalateDue(this.#pool, routeByPreference, clock.at, 0),
      );
      const results = await Promise.all(all);
      for (const { failed } of results) if (failed[0]) throw failed[0].error;
      told = results.reduce((sum, one) => sum + one.told, 0);
    }
  }

  /** Kills an engine that is about to enqueue a notice, if any. */
  async engineDies(): Promise<void> {
    const route: RouteNotice = async (client, notice) => {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      await this.#pool.query('select pg_terminate_backend($1::int)', [rows[0]?.pid]);
      return routeByPreference(client, notice);
    };
    const dies = (error: Error): void => {
      if (!/terminat|closed|Connection/i.test(error.message)) throw error;
    };
    await this.#alerts.evaluateAll({ ...this.#alerts.evaluator(), route }).catch(dies);
    await escalateDue(this.#pool, route, this.#options.clock.at, 0).then(() => {}, dies);
  }

  async expand(): Promise<void> {
    await expandByPreference(this.#pool, nobody, this.#now);
  }

  /** One delivery round of this many senders at once, while receivers answer in this way. */
  async deliver(answer: Answer, senders: 1 | 2 = 1): Promise<void> {
    await this.#while(answer, async () => {
      const all = Array.from({ length: senders }, () => this.#deliverer());
      for (const deliverer of all) deliverer.start();
      await Promise.all(all.map((deliverer) => deliverer.stop()));
    });
  }

  #deliverer(): Deliverer {
    const { clock } = this.#options;
    return new Deliverer({
      pool: this.#pool,
      channels: [this.#webhook],
      mostPending: 0,
      defaults: nobody,
      linksOf: async () => ({}),
      clock,
      log: silentLog,
      metrics: createMetrics(),
    });
  }

  async #while(answer: Answer, run: () => Promise<void>): Promise<void> {
    const { url } = this.#options.receiver;
    const away = 'http://127.0.0.1:1';
    const move = (from: string, to: string) =>
      this.#pool.query('update analytics.webhook_endpoints set url = replace(url, $1, $2)', [from, to]);
    this.#answer = answer;
    if (answer === 'away') await move(url, away);
    await run();
    if (answer === 'away') await move(away, url);
    this.#answer = 'taken';
  }

  /** A sender claims what is due, sends it or not, and dies. If `slow`, it records the result later. */
  async abandon(after: 'claim' | 'send', slow: boolean): Promise<void> {
    const terms = {
      channel: 'webhook',
      sender: 'abandoned',
      now: this.#now,
      lease: LEASE,
    } as const;
    const places = new Places({ places: 6, ofRecipient: 3 });
    for (const leased of (await leaseDue(this.#pool, terms, places)).deliveries.flat()) {
      const found = await whetherToSend(this.#pool, leased, this.#now);
      if (after === 'claim' || !('says' in found)) continue;
      await this.#webhook.send(
        deliveryOf([{ leased, says: found.says }], { links: {} }),
        AbortSignal.timeout(PATIENCE),
      );
      if (slow) this.#slow.push(leased);
    }
  }

  async slowRecord(): Promise<void> {
    for (const leased of this.#slow.splice(0)) {
      await settle(this.#pool, leased, 'abandoned', { status: 'sent', at: this.#now, providerId: null });
    }
  }

  /** A person acts on the oldest open alert. */
  async act(act: Act): Promise<void> {
    const { rows } = await this.#pool.query<{ id: string }>(
      'select id from analytics.alert_history where resolved_at is null order by triggered_at, id limit 1',
    );
    if (!rows[0]) return;
    const { clock } = this.#options;
    await actOnAlert({ pool: this.#pool, clock, route: routeByPreference }, rows[0].id, act, {
      scope: 'all',
      caller,
    }).catch((error: unknown) => {
      if (!(error instanceof CodedError && error.code === 'conflict')) throw error;
    });
  }

  /** Changes a rule, or silences it for some time. */
  async change(index: number, changes: Partial<Rule>, silence: number | null = null): Promise<void> {
    const id = this.configIds[index] ?? '';
    const { rows } = await this.#pool.query<{ rule: Rule }>(
      'select rule from analytics.alert_configs where id = $1',
      [id],
    );
    const rule = { ...(rows[0]?.rule as Rule), ...changes };
    const now = this.#options.clock.at;
    const silencedUntil = silence === null ? null : now + silence;
    const change = { route: routeByPreference, scope: 'all', actorId: 'test', now } as const;
    await updateConfigs(this.#pool, [{ id, rule, silencedUntil }], change);
  }

  /** The channels of each rule at this moment. */
  async channels(): Promise<Map<string, RuleChannel[]>> {
    const { rows } = await this.#pool.query<{ id: string; rule: Rule }>(
      'select id, rule from analytics.alert_configs',
    );
    return new Map(rows.map(({ id, rule }) => [id, rule.channels]));
  }
}
