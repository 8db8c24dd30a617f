import { Call, type ObserveOptions, watchChunks } from './call.ts';
import type { Tracker } from './event.ts';
import {
  type Observe,
  observeClient,
  observePromise,
  type SdkPromise,
  type SdkStream,
} from './sdk-client.ts';

export type { ObserveOptions } from './call.ts';

interface Request {
  model?: unknown;
  stream?: boolean;
}

interface Usage {
  input_tokens?: number | null;
  output_tokens?: number | null;
  cache_read_input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
  cache_creation?: { ephemeral_1h_input_tokens?: number | null } | null;
  service_tier?: string | null;
}

interface Message {
  id?: string;
  model?: string;
  usage?: Usage;
}

interface StreamEvent {
  type: string;
  message?: Message;
  usage?: Usage;
}

/**
 * A client of `@anthropic-ai/sdk` whose messages are tracked, streams too. The caller gets what it would get without it.
 * @param options.provider default `anthropic`; name it for the clients of Bedrock and Vertex
 */
export function observeAnthropic<Client extends object>(
  client: Client,
  tracker: Tracker,
  options: ObserveOptions = {},
): Client {
  const observed = { provider: 'anthropic', ...options };
  const create: Observe = (send, parameters) => {
    const request = (parameters[0] ?? {}) as Request;
    const call = new Call(tracker, observed, request.model);
    if (request.stream) {
      const sent = send(...parameters) as SdkPromise<SdkStream<StreamEvent>>;
      return observePromise(sent, call, (stream) => watchMessage(stream, call));
    }
    return observePromise(send(...parameters) as SdkPromise<Message>, call, (message) => {
      tellMessage(call, message);
      tellUsage(call, message.usage ?? {});
      call.succeed();
    });
  };
  return observeClient(client, { 'messages.create': create, 'beta.messages.create': create });
}

/** `message_start` has the input, and each `message_delta` the output so far. */
function watchMessage(stream: SdkStream<StreamEvent>, call: Call): void {
  let finished = false;
  let usage: Usage = {};
  const iterator = stream.iterator.bind(stream);
  const read = (event: StreamEvent) => {
    if (event.message) tellMessage(call, event.message);
    if (event.type === 'content_block_delta') call.token();
    if (event.message?.usage ?? event.usage) {
      usage = { ...usage, ...present({ ...event.message?.usage, ...event.usage }) };
      tellUsage(call, usage);
    }
    finished ||= event.type === 'message_stop';
    return true;
  };
  stream.iterator = () => watchChunks({ [Symbol.asyncIterator]: iterator }, call, read, () => finished);
}

function tellMessage(call: Call, { id, model }: Message): void {
  call.tell({ ...(id !== undefined && { responseId: id }), ...(model !== undefined && { modelId: model }) });
}

/** Anthropic counts cached tokens beside the input; Tidemark counts them in it. */
function tellUsage(call: Call, usage: Usage): void {
  const { input_tokens: input, output_tokens: output } = usage;
  const cached = usage.cache_read_input_tokens ?? 0;
  const written = usage.cache_creation_input_tokens ?? 0;
  const writtenForAnHour = usage.cache_creation?.ephemeral_1h_input_tokens ?? 0;
  call.tell({
    ...(typeof input === 'number' && {
      inputTokens: input + cached + written,
      cachedInputTokens: cached,
      cacheWriteInputTokens: written,
      ...(writtenForAnHour > 0 && { cacheWriteHourInputTokens: writtenForAnHour }),
    }),
    ...(typeof output === 'number' && { outputTokens: output }),
    ...(usage.service_tier && { serviceTier: usage.service_tier }),
  });
}

function present(usage: Usage): Usage {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null));
}
