import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { Rounds } from '../../jobs/rounds.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { type Clock, MINUTE, SECOND } from '../../time.ts';
import { type Channel, type Delivery, DeliveryError } from '../channels/channel.ts';
import type { DefaultRecipients } from '../routing/routing.ts';
import { deliveryOf } from './delivery-of.ts';
import { expandDefaults } from './expand.ts';
import { backlogOf, type Leased, leaseDue, type Outcome, settle } from './outbox.ts';
import { GIVE_UP_AFTER, retryDelay } from './retry-delay.ts';
import { standInForLateSms, standInForSms } from './stand-in.ts';
import { reportUnreached } from './unreached.ts';
import { cancel, whetherToSend } from './whether-to-send.ts';

/** Longest a provider is waited for. Shorter than the lease, so that no two send the same at a time. */
const SEND_TIMEOUT = 10 * SECOND;
const LEASE = 15 * SECOND;
/** Messages of a channel on their way at a time: what hangs holds up this many, and no other channel. */
const AT_ONCE = 8;
/** Time between two looks into the outbox; what this process puts there is looked at without waiting. */
const PAUSE = SECOND / 2;
const BACKLOG_EVERY = 5 * SECOND;
/** No round waits as long: a channel that hangs holds its own up for as long as a provider is waited for. */
const STANDSTILL = MINUTE;

export interface DelivererOptions {
  pool: Pool;
  channels: readonly Channel[];
  defaults: DefaultRecipients;
  /** What a message links to. */
  linksOf(leased: Leased): Promise<Delivery['links']>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** In `[0, 1)`; for the jitter. */
  chance?: () => number;
}

/**
 * Sends what is in the outbox: leased, sent outside any transaction, and settled. Any number may run against one
 * database. Each channel goes at its own pace, so that one that hangs holds up no other.
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
    // Goes on at once while there is something to do.
    const begin = (work: string, doSome: () => Promise<number>): void =>
      this.#rounds.begin(work, async () => ((await doSome()) > 0 ? 0 : PAUSE));
    begin('recipients', () => this.#expand());
    begin('late SMS', () => this.#standIn());
    for (const channel of this.#options.channels) begin(channel.name, () => this.#fill(channel));
    this.#rounds.begin('backlog', () => this.#observeBacklog());
  }

  /** Returns once what is on its way has been settled. */
  async stop(): Promise<void> {
    await this.#rounds.stop();
    await Promise.all([...this.#onTheirWay.values()].flatMap((some) => [...some]));
  }

  /** Looks into the outbox at once: something has been put there. */
  wake(): void {
    this.#rounds.wake();
  }

  /** Rejects while the outbox cannot be worked on, round after round, and while that stands still. */
  check(): Promise<void> {
    return this.#rounds.check();
  }

  /** Sends what is due on a channel, as far as there is room: one that hangs takes one place. */
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
        .catch((error) => log.error({ err: error }, 'what became of a notice could not be recorded'))
        .finally(() => onTheirWay.delete(delivery));
      onTheirWay.add(delivery);
    }
    return leased.length;
  }

  async #expand(): Promise<number> {
    const { pool, defaults, clock } = this.#options;
    const { seen, unreached } = await expandDefaults(pool, defaults, new Date(clock.now()));
    for (const one of unreached) reportUnreached(this.#options, one);
    if (seen > 0) this.wake();
    return seen;
  }

  async #standIn(): Promise<number> {
    const { pool, defaults, clock } = this.#options;
    const late = await standInForLateSms(pool, defaults, new Date(clock.now()));
    if (late > 0) this.wake();
    return late;
  }

  async #deliver(channel: Channel, leased: Leased): Promise<void> {
    const { pool, log, metrics, clock } = this.#options;
    const outcome = await this.#attempt(channel, leased);
    // Cancelling has settled what is cancelled.
    const settled = outcome.status === 'cancelled' || (await settle(pool, leased, this.#sender, outcome));
    metrics.notifications.inc({ channel: channel.name, outcome: outcome.status });
    if (outcome.status === 'sent') {
      const delay = (clock.now() - leased.detectedAt.getTime()) / SECOND;
      metrics.notificationSeconds.observe({ channel: channel.name, severity: leased.severity }, delay);
    } else if (outcome.status !== 'cancelled') {
      log.warn(
        { channel: channel.name, delivery: leased.id, failure: outcome.failure },
        'a notice was not delivered',
      );
    }
    if (!settled) log.warn({ delivery: leased.id }, 'a notice took longer than its lease');
  }

  async #attempt(channel: Channel, leased: Leased): Promise<Outcome> {
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

  async #failed(leased: Leased, error: unknown): Promise<Outcome> {
    const { pool, defaults, clock, chance = Math.random } = this.#options;
    // Whatever else went wrong, such as the database going away, says nothing about the provider.
    const failure =
      error instanceof DeliveryError
        ? error
        : new DeliveryError((error as Error).message, { retryable: true, cause: error });
    const now = clock.now();
    // At every failure: whoever made the first attempt may have died over it. Nobody is told twice.
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
