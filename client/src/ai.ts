import type {
  LanguageModelV4Middleware,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider';
import { attempt, Call, type ObserveOptions, type Told } from './call.ts';
import type { Tracker } from './event.ts';

export type { ObserveOptions } from './call.ts';

interface Model {
  provider: string;
  modelId: string;
}

/**
 * A middleware of the Vercel AI SDK 7 that tracks each call to the model: `wrapLanguageModel({ model, middleware })`. It
 * passes everything on as it is.
 */
export function tidemarkMiddleware(
  tracker: Tracker,
  options: ObserveOptions = {},
): LanguageModelV4Middleware {
  const begin = ({ provider, modelId }: Model) => {
    const [name = provider] = provider.split('.');
    return new Call(tracker, { provider: name, ...options }, modelId);
  };
  return {
    specificationVersion: 'v4',
    async wrapGenerate({ doGenerate, model }) {
      const call = begin(model);
      try {
        const result = await doGenerate();
        attempt(() => call.tell({ ...toldBy(result.usage), ...identified(result.response ?? {}) }));
        call.succeed();
        return result;
      } catch (error) {
        call.fail(error);
        throw error;
      }
    },
    async wrapStream({ doStream, model }) {
      const call = begin(model);
      try {
        const result = await doStream();
        return { ...result, stream: watchParts(result.stream, call) };
      } catch (error) {
        call.fail(error);
        throw error;
      }
    },
  };
}

function watchParts(
  parts: ReadableStream<LanguageModelV4StreamPart>,
  call: Call,
): ReadableStream<LanguageModelV4StreamPart> {
  const reader = parts.getReader();
  return new ReadableStream<LanguageModelV4StreamPart>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) {
            call.abandon();
            controller.close();
          } else {
            attempt(() => note(value, call));
            controller.enqueue(value);
          }
        } catch (error) {
          call.fail(error);
          controller.error(error);
        }
      },
      cancel(reason) {
        call.abandon();
        return reader.cancel(reason);
      },
    },
    // Nothing is read ahead of the caller.
    { highWaterMark: 0 },
  );
}

function note(part: LanguageModelV4StreamPart, call: Call): void {
  if (part.type.endsWith('-delta')) call.token();
  if (part.type === 'response-metadata') call.tell(identified(part));
  if (part.type === 'error') call.fail(part.error);
  if (part.type === 'finish') {
    attempt(() => call.tell(toldBy(part.usage)));
    call.succeed();
  }
}

function identified({ id, modelId }: { id?: string | undefined; modelId?: string | undefined }): Told {
  return { ...(id !== undefined && { responseId: id }), ...(modelId !== undefined && { modelId }) };
}

/** Unknown counts are `undefined` or NaN there. */
function toldBy({ inputTokens, outputTokens }: LanguageModelV4Usage): Told {
  const counts = {
    inputTokens: inputTokens.total,
    cachedInputTokens: inputTokens.cacheRead,
    cacheWriteInputTokens: inputTokens.cacheWrite,
    outputTokens: outputTokens.total,
    reasoningTokens: outputTokens.reasoning,
  };
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => Number.isFinite(count)));
}
