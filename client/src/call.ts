import type { EventOf, Tracker } from './event.ts';
import { statusOf } from './failure.ts';

type Usage = EventOf<'usage'>;

/** What the events of a wrapper carry beside what the call itself tells. */
export interface ObserveOptions {
  /** The application or feature that calls. Default: the `source` of the client. */
  clientId?: string;
  /** Who runs the model. Default: what the wrapped client is known to call. */
  provider?: string;
  labels?: Record<string, string>;
  metadata?: Record<string, string | number | boolean | null>;
}

/** What an answer tells of a call. */
export type Told = Partial<
  Pick<
    Usage,
    | 'modelId'
    | 'serviceTier'
    | 'inputTokens'
    | 'outputTokens'
    | 'cachedInputTokens'
    | 'cacheWriteInputTokens'
    | 'cacheWriteHourInputTokens'
    | 'reasoningTokens'
  >
> & {
  /** The provider's id of the answer. */
  responseId?: string | undefined;
};

/** Shorter ids are not unique among providers. The service makes ids in the same way of what gateways and OTLP report. */
const SHORTEST_ID = 20;

/** One call to a model, tracked once when it ends. Nothing it does throws. */
export class Call {
  readonly #tracker: Tracker;
  readonly #options: ObserveOptions;
  readonly #modelId: string;
  readonly #began = Date.now();
  readonly #beganExactly = performance.now();
  #firstToken: number | undefined;
  #told: Told = {};
  #ended = false;

  /** @param modelId the model that was asked for */
  constructor(tracker: Tracker, options: ObserveOptions, modelId: unknown) {
    this.#tracker = tracker;
    this.#options = options;
    this.#modelId = typeof modelId === 'string' && modelId !== '' ? modelId : 'unknown';
  }

  /** Notes when the first token came. */
  token(): void {
    this.#firstToken ??= performance.now() - this.#beganExactly;
  }

  /** Notes what the answer tells, over what it told before. Values that are no numbers are unknown, not 0. */
  tell(told: Told): void {
    const known = Object.entries(told).filter(([, value]) =>
      typeof value === 'number' ? Number.isFinite(value) : typeof value === 'string' && value !== '',
    );
    this.#told = { ...this.#told, ...Object.fromEntries(known) };
  }

  succeed(): void {
    this.#track({ status: 'success' });
  }

  fail(error: unknown): void {
    this.#track({ ...statusOf(error), ...this.#partial() });
  }

  /** The caller ended the stream before the provider did. */
  abandon(): void {
    this.#track({ status: 'timeout', errorCode: 'aborted', ...this.#partial() });
  }

  #partial(): Pick<Usage, 'metadata'> {
    const { inputTokens, outputTokens } = this.#told;
    if (inputTokens === undefined && outputTokens === undefined) return {};
    return { metadata: { ...this.#options.metadata, usage: 'partial' } };
  }

  #track(ending: Pick<Usage, 'status' | 'errorCode' | 'metadata'>): void {
    if (this.#ended) return;
    this.#ended = true;
    const { responseId, ...told } = this.#told;
    try {
      this.#tracker.track({
        type: 'usage',
        ...this.#options,
        modelId: this.#modelId,
        ...told,
        occurredAt: new Date(this.#began),
        latencyMs: performance.now() - this.#beganExactly,
        ...(this.#firstToken !== undefined && { timeToFirstTokenMs: this.#firstToken }),
        ...(responseId !== undefined && responseId.length >= SHORTEST_ID && { eventId: `llm:${responseId}` }),
        ...ending,
      });
    } catch {
      // A tracker of the caller's own. The call it observes goes on.
    }
  }
}

/** Runs what reads an answer. An answer of any other shape tells nothing, and the caller gets it all the same. */
export function attempt(read: () => void): void {
  try {
    read();
  } catch {
    // The answer is the provider's. Nothing of it is ours to complain about.
  }
}

/**
 * A stream that tells `call` of each chunk, and of its end: complete, broken, or given up by its reader.
 * @param read notes what a chunk tells; returns `false` to keep it from the reader
 * @param isComplete whether the provider had said all when the stream ended
 */
export async function* watchChunks<Chunk>(
  chunks: AsyncIterable<Chunk>,
  call: Call,
  read: (chunk: Chunk) => boolean,
  isComplete: () => boolean,
): AsyncGenerator<Chunk, void, undefined> {
  try {
    for await (const chunk of chunks) {
      let shown = true;
      attempt(() => {
        shown = read(chunk);
      });
      if (shown) yield chunk;
    }
  } catch (error) {
    call.fail(error);
    throw error;
  } finally {
    if (isComplete()) call.succeed();
    else call.abandon();
  }
}
