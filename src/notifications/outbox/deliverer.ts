// biome-ignore-all lint/style/noExcessiveLinesPerFile: one class sends, and its parts share the options and the places.
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { Rounds } from '../../jobs/rounds.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { type Clock, MINUTE, SECOND, sleep } from '../../time.ts';
import { type Channel, type Delivery, DeliveryError } from '../channels/channel.ts';
import { QuotaReachedError } from '../channels/metered.ts';
import type { ChartOf } from '../chart/chart-values.ts';
import { destinationKinds, isUrgent, type NoticeKind } from '../notice/notice.ts';
import { zoneOfRecipient } from '../routing/recipient-zone.ts';
import type { DefaultRecipients } from '../routing/routing.ts';
import type { Linked } from './acknowledge-link.ts';
import { deliveryOf, type Surroundings, type Telling } from './delivery-of.ts';
import { expandByPreference } from './expand.ts';
import { groupWaitOf } from './grouping/group-wait.ts';
import { holdBack } from './hold-back.ts';
import { InAppBounds } from './in-app-bounds.ts';
import { leaseDue } from './lease-due.ts';
import { type DeliveryResult, type Leased, settle, takeBackMessages } from './outbox.ts';
import { noteAcceptance, noteRefusal } from './pacing/paced-destinations.ts';
import { Places } from './places.ts';
import { GIVE_UP_AFTER, retryDelay } from './retry-delay.ts';
import { shedBeyondQuota } from './shed.ts';
import { standInForLateSms, standInForSms } from './stand-in.ts';
import { reportUnreached } from './unreached.ts';
import { cancel, whetherToSend } from './whether-to-send.ts';

/** The timeout of a provider. It is shorter than the lease, so that no two senders send a message at the same time. */
const SEND_TIMEOUT = 10 * SECOND;
const LEASE = 15 * SECOND;
/** The time between two looks for messages with times of a clock that was ahead. */
const CLOCK_PAUSE = 5 * SECOND;
/** Messages of a channel on their way at the same time. They wait for their receivers, and cost little meanwhile. */
const PLACES = 16;
/** Webhooks go to servers that the orgs choose, so many of them may hang at the same time. */
const PLACES_OF_WEBHOOKS = 64;
/** Of these, for one recipient: enough for 200 notices within half a minute, if each takes half a second. */
const OF_RECIPIENT = 4;
/**
 * Channels whose recipients are servers, so that a failure is that of the recipient. A mail or an SMS that fails says more
 * about the provider, and a critical SMS has to fail before it goes another way.
 */
const RECIPIENT_IS_SERVER: ReadonlySet<string> = new Set(['slack', ...destinationKinds]);
/** The time between two looks into the outbox; `wake` looks at once. */
const PAUSE = SECOND / 2;
const BACKLOG_EVERY = 5 * SECOND;
/** The messages that wait for a shorter pause of their destination do not say so. */
const WORTH_SAYING = 5 * SECOND;
/** No round takes this long: a channel that hangs delays its own rounds by the timeout of a provider. */
const STANDSTILL = MINUTE;

/** How a message is sent. */
interface SendingTerms {
  places: Places;
  /** Whether the destination has refused messages, so that it gets one at a time. */
  isPaced: boolean;
}

export interface DelivererOptions {
  pool: Pool;
  channels: readonly Channel[];
  defaults: DefaultRecipients;
  /** How long further alerts for the same person wait to be told together; milliseconds. 0 or absent: they do not. */
  groupWait?: number;
  /** The most waiting messages of an org; 0: there is no limit. */
  mostPending: number;
  /** Makes the links of a message. */
  linksOf(leased: Leased, delivery: Linked): Promise<Delivery['links']>;
  /** Finds the values of the chart of an alert; absent: messages have no charts. */
  chartOf?: ChartOf;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** A random number in `[0, 1)`, for the jitter. */
  chance?: () => number;
}

/**
 * Sends the messages of the outbox: it leases them, sends them outside any transaction, and records the results. Any
 * number of deliverers may run on one database. Each channel has its own rounds and places, so one that hangs delays no
 * other. Within a channel each org has a share of the places.
 */
export class Deliverer {
  readonly #options: DelivererOptions;
  readonly #sender = randomUUID();
  readonly #rounds: Rounds;
  readonly #onTheirWay = new Set<Promise<void>>();
  readonly #inApp: InAppBounds;
  /** Aborts when there are new messages. */
  #awake = new AbortController();

  constructor(options: DelivererOptions) {
    this.#options = options;
    const { log, clock, pool } = options;
    this.#inApp = new InAppBounds(pool);
    this.#rounds = new Rounds({ name: 'notifications', log, standstill: { after: STANDSTILL, clock } });
  }

  start(): void {
    // The next round follows at once while there is something to do.
    const begin = (work: string, doSome: () => Promise<number>): void =>
      this.#rounds.begin(work, async () => ((await doSome()) > 0 ? 0 : PAUSE));
    begin('recipients', () => this.#expand());
    begin('late SMS', () => this.#standIn());
    for (const channel of this.#options.channels) this.#beginSending(channel);
    this.#rounds.begin('due times', () => this.#takeBack());
    this.#rounds.begin('backlog', () => this.#observeBacklog());
  }

  /** Returns once the results of all running attempts are recorded. */
  async stop(): Promise<void> {
    await this.#rounds.stop();
    await Promise.all(this.#onTheirWay);
  }

  /** Looks into the outbox at once, because there are new messages. */
  wake(): void {
    this.#awake.abort();
    this.#awake = new AbortController();
    this.#rounds.wake();
  }

  /** Rejects while round after round fails, and while a round hangs. */
  check(): Promise<void> {
    return this.#rounds.check();
  }

  #beginSending(channel: Channel): void {
    const isWebhook = (destinationKinds as readonly string[]).includes(channel.name);
    const { chance } = this.#options;
    const places = new Places({
      places: isWebhook ? PLACES_OF_WEBHOOKS : PLACES,
      ofRecipient: OF_RECIPIENT,
      chance,
    });
    const onTheirWay = new Set<Promise<void>>();
    this.#rounds.begin(channel.name, () => this.#fill(channel, places, onTheirWay));
  }

  /** Starts sending the due messages of a channel for which there are places. A message that hangs keeps its place. */
  async #fill(channel: Channel, places: Places, onTheirWay: Set<Promise<void>>): Promise<number> {
    const { pool, clock, log } = this.#options;
    const hurry = AbortSignal.any([this.#awake.signal, this.#rounds.stopping]);
    if (places.free === 0) await Promise.race(onTheirWay);
    const terms = {
      channel: channel.name,
      sender: this.#sender,
      now: new Date(clock.now()),
      lease: LEASE,
      wait: groupWaitOf(channel.name, this.#options.groupWait ?? 0),
    };
    const { deliveries, paces } = await leaseDue(pool, terms, places);
    for (const messages of deliveries) {
      const [one] = messages;
      if (!one) continue;
      const delivery = this.#deliver(channel, messages, { places, isPaced: paces.isPaced(one) })
        .catch((error) => log.error({ err: error }, 'the result of a delivery could not be recorded'))
        .finally(() => {
          places.giveBack(one);
          onTheirWay.delete(delivery);
          this.#onTheirWay.delete(delivery);
        });
      onTheirWay.add(delivery);
      this.#onTheirWay.add(delivery);
    }
    if (deliveries.length > 0) return 0;
    const pause = Math.max(1, Math.min(PAUSE, paces.opensIn ?? PAUSE));
    if (onTheirWay.size === 0) return pause;
    // A place that is given back may be what the next message waits for.
    await Promise.race([...onTheirWay, sleep(pause, hurry)]);
    return 0;
  }

  async #expand(): Promise<number> {
    const { pool, defaults, clock, log, metrics } = this.#options;
    const { seen, unreached, failed } = await expandByPreference(pool, defaults, new Date(clock.now()));
    for (const one of unreached) reportUnreached(this.#options, one);
    for (const { message, error, status } of failed) {
      metrics.notifications.inc({ channel: message.channel, outcome: status });
      log.error(
        { err: error, delivery: message.id, org: message.orgId },
        'the recipients of a notice could not be found',
      );
    }
    if (seen > 0) this.wake();
    return seen;
  }

  async #takeBack(): Promise<number> {
    const { pool, clock, log } = this.#options;
    const messages = await takeBackMessages(pool, clock.now());
    if (messages > 0) {
      log.warn(
        { messages },
        'messages had times of the future, as after a clock was set back; they go on now',
      );
      this.wake();
    }
    return CLOCK_PAUSE;
  }

  async #standIn(): Promise<number> {
    const { pool, defaults, clock, log } = this.#options;
    const { late, failed } = await standInForLateSms(pool, defaults, new Date(clock.now()));
    for (const { id, error } of failed) {
      log.error({ err: error, delivery: id }, 'a late SMS could not be sent another way');
    }
    if (late > 0) this.wake();
    return late;
  }

  /** Tells the messages of one recipient, and records what became of each. */
  async #deliver(channel: Channel, messages: readonly Leased[], terms: SendingTerms): Promise<void> {
    const { metrics } = this.#options;
    const told: Telling[] = [];
    for (const leased of messages) {
      const found = await this.#stillToTell(leased);
      if ('says' in found) told.push({ leased, says: found.says });
      else if (found.status === 'cancelled')
        // `cancel` has recorded its result already.
        metrics.notifications.inc({ channel: channel.name, outcome: found.status });
      else await this.#record(channel, leased, found);
    }
    const [first, ...others] = told;
    if (!first) return;
    const resultOf = await this.#attempt(channel, [first, ...others], terms);
    for (const { leased } of told) await this.#record(channel, leased, await resultOf(leased));
  }

  async #stillToTell(leased: Leased): Promise<{ says: NoticeKind } | DeliveryResult> {
    const { pool, clock } = this.#options;
    const now = new Date(clock.now());
    try {
      let found = await whetherToSend(pool, leased, now);
      if (!('says' in found)) found = await cancel(pool, leased, this.#sender, now);
      return 'says' in found ? found : { status: 'cancelled', ...found };
    } catch (error) {
      return this.#failed(leased, error);
    }
  }

  async #record(channel: Channel, leased: Leased, result: DeliveryResult): Promise<void> {
    const { pool, log, metrics, clock } = this.#options;
    const settled = await settle(pool, leased, this.#sender, result);
    metrics.notifications.inc({ channel: channel.name, outcome: result.status });
    if (result.status === 'sent') {
      const delay = (clock.now() - leased.detectedAt.getTime()) / SECOND;
      metrics.notificationSeconds.observe({ channel: channel.name, severity: leased.severity }, delay);
    } else if (result.status !== 'cancelled') {
      log.warn(
        { channel: channel.name, delivery: leased.id, failure: result.failure },
        'a notice was not delivered',
      );
    }
    if (!settled) log.warn({ delivery: leased.id }, 'a delivery took longer than its lease');
  }

  /** Sends one delivery. @returns the result for each of its messages */
  async #attempt(
    channel: Channel,
    told: readonly [Telling, ...Telling[]],
    { places, isPaced }: SendingTerms,
  ): Promise<(leased: Leased) => Promise<DeliveryResult>> {
    const { pool, clock } = this.#options;
    const [{ leased: first }] = told;
    const now = clock.now();
    try {
      const delivery = deliveryOf(told, await this.#surroundingsOf(told));
      const receipt = await channel.send(delivery, AbortSignal.timeout(SEND_TIMEOUT));
      places.answered(first);
      if (isPaced) await noteAcceptance(pool, channel.name, first, clock.now());
      const result = {
        status: 'sent',
        at: new Date(clock.now()),
        providerId: receipt.providerId ?? null,
      } as const;
      return async () => result;
    } catch (error) {
      if (!(error instanceof DeliveryError)) return (leased) => this.#failed(leased, error);
      if (error.tooMany) {
        const until = await this.#heldBack(first, error, places, now);
        return async (leased) => {
          const result = await this.#failed(leased, error);
          return result.status === 'waiting' ? { ...result, notBefore: new Date(until) } : result;
        };
      }
      await this.#noteFailure(first, error, places, now);
      // One alert whose text a provider refuses must not keep the others from being told.
      const isRefused = !error.retryable && !(error instanceof QuotaReachedError) && told.length > 1;
      if (!isRefused) return (leased) => this.#failed(leased, error);
      const alone = { status: 'waiting', notBefore: new Date(now), ambiguous: false, alone: true } as const;
      return async () => ({ ...alone, failure: error.message });
    }
  }

  async #surroundingsOf(told: readonly [Telling, ...Telling[]]): Promise<Surroundings> {
    const { pool, linksOf, chartOf, log } = this.#options;
    const [{ leased }] = told;
    const { channel, alertId } = leased;
    const links = await linksOf(leased, {
      isMany: told.length > 1,
      isOver: told.every(({ says }) => !isUrgent({ kind: says })),
    });
    const timezone = await zoneOfRecipient(pool, leased);
    if (channel !== 'email' || alertId === null || told.length > 1 || !chartOf) return { links, timezone };
    // A mail without a chart is better than none.
    const chart = await chartOf(alertId).catch((error: unknown) => {
      log.warn({ err: error, alert: alertId }, 'the values for the chart of a mail could not be read');
      return undefined;
    });
    return { links, timezone, ...(chart && { chart }) };
  }

  /**
   * Holds back the destination, which got too many messages. Its messages go on when it opens, critical ones first.
   * @returns when that is, in milliseconds
   */
  async #heldBack(leased: Leased, error: DeliveryError, places: Places, began: number): Promise<number> {
    const { pool, clock, chance = Math.random } = this.#options;
    places.answered(leased);
    const now = clock.now();
    const asked = error.retryAfterSeconds;
    const until = await noteRefusal(pool, leased.channel, leased, {
      began,
      now,
      retryAfter: asked === undefined ? undefined : asked * SECOND,
      chance: chance(),
    });
    if (until - now > WORTH_SAYING)
      await holdBack(pool, leased, { until, failure: error.message }, new Date(now));
    return until;
  }

  async #noteFailure(leased: Leased, error: DeliveryError, places: Places, began: number): Promise<void> {
    const { pool, clock, log, metrics } = this.#options;
    if (!RECIPIENT_IS_SERVER.has(leased.channel)) return;
    if (!error.retryable) return places.answered(leased);
    const now = clock.now();
    const hold = places.failed(leased, began, now);
    if (hold === undefined) return;
    const { channel } = leased;
    log.warn(
      { channel, org: leased.orgId, until: new Date(hold.until) },
      'a recipient of notices is held back',
    );
    const dead = await holdBack(pool, leased, { ...hold, failure: error.message }, new Date(now));
    metrics.notifications.inc({ channel, outcome: 'dead' }, dead);
  }

  async #failed(leased: Leased, error: unknown): Promise<DeliveryResult> {
    const { pool, defaults, clock, chance = Math.random } = this.#options;
    // Another error, such as a lost database connection, says nothing about the provider.
    const failure =
      error instanceof DeliveryError
        ? error
        : new DeliveryError((error as Error).message, { retryable: true, cause: error });
    const now = clock.now();
    // At every failure: the process of the first attempt may have died. No recipient gets a second message.
    if (leased.channel === 'sms' && leased.severity === 'critical') {
      await standInForSms(pool, leased, defaults, new Date(now));
      this.wake();
    }
    const { message, ambiguous, retryable } = failure;
    if (!retryable || now - leased.createdAt.getTime() > GIVE_UP_AFTER) {
      return { status: 'dead', at: new Date(now), failure: message, ambiguous };
    }
    const notBefore = new Date(now + retryDelay(leased.attempts, failure, chance()));
    return { status: 'waiting', notBefore, failure: message, ambiguous };
  }

  async #observeBacklog(): Promise<number> {
    const { pool, clock, log, mostPending } = this.#options;
    const now = new Date(clock.now());
    const shed = await shedBeyondQuota(pool, mostPending, now);
    if (shed > 0) log.warn({ notices: shed }, 'notices beyond the quota of their orgs are given up');
    await this.#inApp.apply();
    return BACKLOG_EVERY;
  }
}
