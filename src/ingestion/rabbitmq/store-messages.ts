import { randomUUID } from 'node:crypto';
import type { AsyncMessage } from 'rabbitmq-client';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { span } from '../../telemetry/traces.ts';
import { SECOND, sleep } from '../../time.ts';
import type { Ingest, Submission } from '../ingest.ts';
import type { EventError } from '../refused-events.ts';
import { StreamMovedError } from '../stream-progress.ts';
import type { RefusedMessage } from './dead-letter.ts';
import type { MessageEvents } from './message.ts';
import type { StreamReading } from './stream-reading.ts';

/** A message on its way into storage. */
export interface ReceivedMessage extends MessageEvents {
  message: AsyncMessage;
  /** Its offset in the stream; -1 in a queue. */
  offset: number;
  /** By the clock of `performance.now()`. */
  receivedAt: number;
  /** The places of its events that are in the dead-letter queue already; -1 for the message as a whole. */
  deadLettered: Set<number>;
}

interface MessageStoreOptions {
  ingest: Ingest;
  /** Name of the stream or queue. */
  source: string;
  /** Puts refused messages into the dead-letter queue. Resolves once the broker has stored them. */
  deadLetter(refused: readonly RefusedMessage[]): Promise<void>;
  log: Log;
  metrics: Metrics;
}

/** The message and the place of an event of a submission; -1 stands for the message as a whole. */
interface Origin {
  received: ReceivedMessage;
  place: number;
}

const SHORTEST_WAIT = SECOND / 5;
const LONGEST_WAIT = 5 * SECOND;
const WHOLE = -1;

/** Whether the content is at fault: the database refuses it (SQLSTATE classes 22, 23 and P0), or no code can read it. */
function isFaultOfContent(error: unknown): error is Error {
  return (
    error instanceof TypeError ||
    error instanceof RangeError ||
    /^(22|23|P0)\w{3}$/.test(String((error as { code?: unknown } | null)?.code ?? ''))
  );
}

/** Stores batches of messages. A message that can never be stored becomes a dead letter; all others wait until they can be. */
export class MessageStore {
  readonly #options: MessageStoreOptions;
  #waitingSince: number | undefined;

  constructor(options: MessageStoreOptions) {
    this.#options = options;
  }

  /** Whether a batch could not be stored and waits for the next try. */
  get isWaiting(): boolean {
    return this.#waitingSince !== undefined;
  }

  /** How long it has waited, in milliseconds; 0 if none waits. */
  get waitingFor(): number {
    return this.#waitingSince === undefined ? 0 : performance.now() - this.#waitingSince;
  }

  /**
   * Stores messages in the order in which they came. Resolves when all are committed or are dead letters. For a stream,
   * only one call may be under way.
   * @throws {StreamMovedError} when another reader has advanced the stream
   * @throws the reason of `ended` when that comes first
   */
  async store(
    messages: readonly ReceivedMessage[],
    reading: StreamReading | undefined,
    ended: AbortSignal,
  ): Promise<void> {
    await span('store messages', { messages: messages.length }, () =>
      this.#storeParts(messages, reading, ended),
    );
    const oldest = messages[0]?.receivedAt ?? 0;
    this.#options.metrics.rabbitmqAckSeconds.observe((performance.now() - oldest) / SECOND);
  }

  /** Stores messages; halves a batch that is refused for its content until the faulty message is alone. */
  async #storeParts(
    messages: readonly ReceivedMessage[],
    reading: StreamReading | undefined,
    ended: AbortSignal,
  ): Promise<void> {
    try {
      await this.#submit(messages, reading, ended);
    } catch (error) {
      const [first] = messages;
      if (!first || !isFaultOfContent(error)) throw error;
      if (messages.length > 1) {
        const middle = messages.length >> 1;
        await this.#storeParts(messages.slice(0, middle), reading, ended);
        await this.#storeParts(messages.slice(middle), reading, ended);
      } else if (first.fault === undefined) {
        first.fault = `the message cannot be stored: ${error.message}`;
        await this.#storeParts(messages, reading, ended);
      } else throw error;
    }
  }

  /** Submits messages again and again until they are stored. */
  async #submit(
    messages: readonly ReceivedMessage[],
    reading: StreamReading | undefined,
    ended: AbortSignal,
  ): Promise<void> {
    const step = reading?.stepTo(messages.at(-1)?.offset ?? -1);
    try {
      for (let wait = SHORTEST_WAIT; ; wait = Math.min(LONGEST_WAIT, wait * 2)) {
        ended.throwIfAborted();
        try {
          const submission = this.#submissionOf(messages);
          await this.#options.ingest.submit({ ...submission, ...(step && { step }) });
          if (step) reading?.stored(step);
          return;
        } catch (error) {
          if (error instanceof StreamMovedError || isFaultOfContent(error)) throw error;
          if (!this.isWaiting)
            this.#options.log.warn(
              { err: error },
              'messages cannot be stored now; they are tried again until they are',
            );
          this.#waitingSince ??= performance.now();
        }
        await sleep(wait, ended);
      }
    } finally {
      this.#waitingSince = undefined;
    }
  }

  #submissionOf(messages: readonly ReceivedMessage[]): Submission {
    const readable: Origin[] = [];
    const faulty: Origin[] = [];
    for (const received of messages) {
      const { events, fault } = received;
      if (fault === undefined) readable.push(...events.map((_event, place) => ({ received, place })));
      // It counts for as many events as it holds.
      else faulty.push(...Array.from({ length: events.length || 1 }, () => ({ received, place: WHOLE })));
    }
    const origins = [...readable, ...faulty];
    return {
      events: readable.map(({ received, place }) => received.events[place]),
      rejected: faulty.map(({ received }, position) => ({
        index: readable.length + position,
        eventId: null,
        code: 'invalid',
        detail: received.fault ?? '',
      })),
      source: 'rabbitmq',
      correlationId: `rabbitmq-${randomUUID()}`,
      // The broker decides who may publish, and its publishers may send events for every org.
      mayIngestFor: () => true,
      onRejected: (errors) => this.#deadLetter(errors, origins),
    };
  }

  /** Makes dead letters of what is refused, only once: a batch that has to wait is submitted again. */
  async #deadLetter(errors: readonly EventError[], origins: readonly Origin[]): Promise<void> {
    const { source, deadLetter, log, metrics } = this.#options;
    const pending: (Origin & { refused: RefusedMessage })[] = [];
    for (const { index, detail } of errors) {
      const origin = origins[index];
      if (!origin || origin.received.deadLettered.has(origin.place)) continue;
      const isRepeated = pending.at(-1)?.received === origin.received && origin.place === WHOLE;
      if (!isRepeated) pending.push({ ...origin, refused: toRefused(origin, source, detail) });
    }
    if (pending.length === 0) return;
    await deadLetter(pending.map(({ refused }) => refused));
    for (const { received, place } of pending) received.deadLettered.add(place);
    metrics.rabbitmqDeadLetters.inc(pending.length);
    log.warn(
      { source, letters: pending.length, reason: pending[0]?.refused.reason },
      'refused messages are in the dead-letter queue',
    );
  }
}

/** Only the event, when its message holds other events, which may be valid. */
function toRefused({ received, place }: Origin, source: string, reason: string): RefusedMessage {
  const { message, sent } = received;
  const isPart = place !== WHOLE && sent.length > 1;
  return { message, source, reason, ...(isPart && { part: { index: place, event: sent[place] } }) };
}
