import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { Rounds } from '../../jobs/rounds.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { type Clock, MINUTE, SECOND } from '../../time.ts';
import { type Channel, type Delivery, DeliveryError } from '../channels/channel.ts';
import type { DefaultRecipients } from '../routing/routing.ts';
import { deliveryOf } from './delivery-of.ts';
import { expandByPreference } from './expand.ts';
import { backlogOf, type DeliveryResult, type Leased, leaseDue, settle } from './outbox.ts';
import { GIVE_UP_AFTER, retryDelay } from './retry-delay.ts';
import { standInForLateSms, standInForSms } from './stand-in.ts';
import { reportUnreached } from './unreached.ts';
import { cancel, whetherToSend } from './whether-to-send.ts';

/** The timeout of a provider. It is shorter than the lease, so that no two senders send a message at the same time. */
const SEND_TIMEOUT = 10 * SECOND;
const LEASE = 15 * SECOND;
/** Messages of a channel that are sent at the same time: a provider that hangs delays its own channel only. */
const AT_ONCE = 8;
/** The time between two looks into the outbox; `wake` looks at once. */
const PAUSE = SECOND / 2;
const BACKLOG_EVERY = 5 * SECOND;
/** No round takes this long: a channel that hangs delays its own rounds by the timeout of a provider. */
const STANDSTILL = MINUTE;

export interface DelivererOptions {
  pool: Pool;
  channels: readonly Channel[];
  defaults: DefaultRecipients;
  /** Makes the links of a message. */
  linksOf(leased: Leased): Promise<Delivery['links']>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** A random number in `[0, 1)`, for the jitter. */
  chance?: () => number;
}

/**
 * Sends the messages of the outbox: it leases them, sends them outside any transaction, and records the results. Any
 * number of deliverers may run on one database. Each channel has its own rounds, so one that hangs delays no other.
 */
export class Deliverer {
  readonly #options: DelivererOptions;
  readonly #sender = randomUUID();
  readonly #rounds: Rounds;
  readonly #onTheirWay = new Map<Channel, Set<Promise<void>>>();

  constructor(options: DelivererOptions) {
    this.#options = options;
    const { log, clock } = options;
    this.#rounds = new Rounds({ name: 'notifications', log, standstill: { after: STANDSTILL, clock } });
  }

  start(): void {
    // The next round follows at once while there is something to do.
    const begin = (work: string, doSome: () => Promise<number>): void =>
      this.#rounds.begin(work, async () => ((await doSome()) > 0 ? 0 : PAUSE));
    begin('recipients', () => this.#expand());
    begin('late SMS', () => this.#standIn());
    for (const channel of this.#options.channels) begin(channel.name, () => this.#fill(channel));
    this.#rounds.begin('backlog', () => this.#observeBacklog());
  }

  /** Returns once the results of all running attempts are recorded. */
  async stop(): Promise<void> {
    await this.#rounds.stop();
    await Promise.all([...this.#onTheirWay.values()].flatMap((some) => [...some]));
  }

  /** Looks into the outbox at once, because there are new messages. */
  wake(): void {
    this.#rounds.wake();
  }

  /** Rejects while round after round fails, and while a round hangs. */
  check(): Promise<void> {
    return this.#rounds.check();
  }

  /** Starts sending the due messages of a channel, up to `AT_ONCE`: a message that hangs takes one place. */
  async #fill(channel: Channel): Promise<number> {
    const { pool, clock, log } = this.#options;
    const onTheirWay = this.#onTheirWay.get(channel) ?? new Set();
    this.#onTheirWay.set(channel, onTheirWay);
    if (onTheirWay.size >= AT_ONCE) await Promise.race(onTheirWay);
    const leased = await leaseDue(pool, {
      channel: channel.name,
      sender: this.#sender,
      now: new Date(clock.now()),
      lease: LEASE,
      limit: AT_ONCE - onTheirWay.size,
    });
    for (const one of leased) {
      const delivery = this.#deliver(channel, one)
        .catch((error) => log.error({ err: error }, 'the result of a delivery could not be recorded'))
        .finally(() => onTheirWay.delete(delivery));
      onTheirWay.add(delivery);
    }
    return leased.length;
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

  async #standIn(): Promise<number> {
    const { pool, defaults, clock, log } = this.#options;
    const { late, failed } = await standInForLateSms(pool, defaults, new Date(clock.now()));
    for (const { id, error } of failed) {
      log.error({ err: error, delivery: id }, 'a late SMS could not be sent another way');
    }
    if (late > 0) this.wake();
    return late;
  }

  async #deliver(channel: Channel, leased: Leased): Promise<void> {
    const { pool, log, metrics, clock } = this.#options;
    const result = await this.#attempt(channel, leased);
    // `cancel` has recorded its result already.
    const settled = result.status === 'cancelled' || (await settle(pool, leased, this.#sender, result));
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

  async #attempt(channel: Channel, leased: Leased): Promise<DeliveryResult> {
    const { pool, linksOf, clock } = this.#options;
    try {
      const now = new Date(clock.now());
      let found = await whetherToSend(pool, leased, now);
      if (!('says' in found)) found = await cancel(pool, leased, this.#sender, now);
      if (!('says' in found)) return { status: 'cancelled', ...found };
      const delivery = deliveryOf(leased, found.says, await linksOf(leased));
      const receipt = await channel.send(delivery, AbortSignal.timeout(SEND_TIMEOUT));
      return { status: 'sent', at: new Date(clock.now()), providerId: receipt.providerId ?? null };
    } catch (error) {
      return this.#failed(leased, error);
    }
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
    const { pool, clock, metrics } = this.#options;
    metrics.setOutbox(await backlogOf(pool, new Date(clock.now())));
    return BACKLOG_EVERY;
  }
}
