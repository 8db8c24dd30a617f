import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Pool } from 'pg';
import type { AsyncMessage, Connection } from 'rabbitmq-client';
import type { Log } from '../../telemetry/log.ts';
import { SECOND, sleep } from '../../time.ts';
import { lastOffset } from './backlog.ts';
import { closeChannel } from './connection.ts';
import { declareDeadLetters } from './dead-letters.ts';
import { MessageInbox } from './inbox.ts';
import { readMessage } from './message.ts';
import { checkType, declareQueue, type RabbitmqSource } from './queues.ts';
import type { MessageStore, ReceivedMessage } from './store-messages.ts';
import { StreamReading } from './stream-reading.ts';

interface RabbitmqConsumerOptions {
  connection: Connection;
  source: RabbitmqSource;
  pool: Pool;
  store: MessageStore;
  log: Log;
  /** The most messages that are delivered and not acknowledged. */
  prefetch: number;
  /** The number of events at which a batch is full. */
  batchSize: number;
  /** Milliseconds that a message waits for others. */
  batchTimeout: number;
}

/** `away`: the broker is down. `standby`: another process reads the stream. `paused`: messages cannot be stored. */
export type ConsumerState = 'away' | 'reading' | 'standby' | 'paused';

const STANDBY_PAUSE = SECOND;
const SHORTEST_PAUSE = SECOND / 2;
const LONGEST_PAUSE = 10 * SECOND;

/**
 * Reads one stream or queue. It gathers messages into batches, stores one batch after another, and acknowledges
 * messages once they are committed. After any failure it starts to read again by itself: a stream at its stored offset,
 * a queue at the first message that was not acknowledged.
 */
export class RabbitmqConsumer {
  readonly #options: RabbitmqConsumerOptions;
  readonly #stop = new AbortController();
  readonly #reader = `${hostname()} ${process.pid} ${randomUUID()}`;
  #phase: 'setting up' | 'standby' | 'reading' = 'setting up';
  #held = 0;
  #isTypeChecked = false;
  #running: Promise<void> | undefined;

  constructor(options: RabbitmqConsumerOptions) {
    this.#options = options;
  }

  get state(): ConsumerState {
    const { connection, store } = this.#options;
    if (!connection.ready || this.#phase === 'setting up') return 'away';
    if (this.#phase === 'reading' && store.isWaiting) return 'paused';
    return this.#phase;
  }

  /** Messages received and not acknowledged. */
  get held(): number {
    return this.#held;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves once the batch under way is stored and acknowledged. All other messages stay with the broker. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { log, source } = this.#options;
    const signal = this.#stop.signal;
    let pause = SHORTEST_PAUSE;
    let lastFault = '';
    while (!signal.aborted) {
      try {
        await this.#read();
        await sleep(STANDBY_PAUSE, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (this.#phase === 'reading') [pause, lastFault] = [SHORTEST_PAUSE, ''];
        this.#phase = 'setting up';
        const { message } = error as Error;
        // Warns once about a fault, not every few seconds until it is fixed.
        const level = message === lastFault ? 'debug' : 'warn';
        log[level]({ err: error, ...source }, 'reading from RabbitMQ failed; it starts again');
        lastFault = message;
        await sleep(pause, signal);
        pause = Math.min(LONGEST_PAUSE, pause * 2);
      }
    }
  }

  /**
   * Reads until something fails. Returns only when another process reads the stream.
   * @throws the failure, or the reason of the stop
   */
  async #read(): Promise<void> {
    const { connection, source, pool, log } = this.#options;
    const end = new AbortController();
    if (source.type === 'quorum') return this.#consume(undefined, end);
    const reading = await StreamReading.claim({
      pool,
      log,
      stream: source.name,
      reader: this.#reader,
      lastOffset: () => lastOffset(connection, source.name),
      onLost: (reason) => end.abort(reason),
    });
    if (!reading) {
      this.#phase = 'standby';
      return;
    }
    try {
      await this.#consume(reading, end);
    } finally {
      await reading.release();
    }
  }

  async #consume(reading: StreamReading | undefined, end: AbortController): Promise<never> {
    const { connection, source, store, prefetch, batchSize, batchTimeout } = this.#options;
    await declareQueue(connection, source);
    if (!this.#isTypeChecked) await checkType(connection, source);
    this.#isTypeChecked = true;
    await declareDeadLetters(connection, source.name);
    const channel = await connection.acquire({ emitErrorsFromChannel: true });
    channel.on('error', (error) => end.abort(error));
    channel.once('close', () => end.abort(new Error('the channel to RabbitMQ was closed')));
    channel.once('basic.cancel', (_tag, error) => end.abort(error));
    const ended = AbortSignal.any([this.#stop.signal, end.signal]);
    const inbox = new MessageInbox<ReceivedMessage>({
      fullWeight: batchSize,
      // Half of the prefetched messages: the other half arrives while a batch is stored.
      maxItems: Math.ceil(prefetch / 2),
      maxWait: batchTimeout,
    });
    ended.addEventListener('abort', () => inbox.close(), { once: true });
    try {
      ended.throwIfAborted();
      await channel.basicQos({ prefetchCount: prefetch });
      await channel.basicConsume(
        { queue: source.name, arguments: reading ? { 'x-stream-offset': reading.begin } : {} },
        (message) => {
          if (ended.aborted) return;
          const offset: unknown = message.headers?.['x-stream-offset'];
          if ((typeof offset === 'number') !== (reading !== undefined)) {
            // It was created again since the check.
            this.#isTypeChecked = false;
            end.abort(new Error(`${source.name} is no longer a ${source.type}`));
          } else if (reading?.accept(Number(offset)) === false) {
            channel.basicAck({ deliveryTag: message.deliveryTag });
          } else {
            const received = receive(message);
            inbox.add(received, received.events.length || 1);
            this.#held++;
          }
        },
      );
      this.#phase = 'reading';
      for (;;) {
        const batch = await inbox.take();
        const last = batch?.at(-1);
        if (!batch || !last) throw ended.reason;
        await store.store(batch, reading, ended);
        channel.basicAck({ deliveryTag: last.message.deliveryTag, multiple: true });
        this.#held -= batch.length;
      }
    } finally {
      this.#held = 0;
      await closeChannel(channel);
    }
  }
}

function receive(message: AsyncMessage): ReceivedMessage {
  return {
    message,
    ...readMessage(message),
    offset: Number(message.headers?.['x-stream-offset'] ?? -1),
    receivedAt: performance.now(),
    deadLettered: new Set(),
  };
}
