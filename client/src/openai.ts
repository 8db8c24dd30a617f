import { Call, type ObserveOptions, type Told, watchChunks } from './call.ts';
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
  stream?: boolean | null;
  stream_options?: { include_usage?: boolean } | null;
}

interface Usage {
  prompt_tokens?: number;
  completion_tokens?: number;
  input_tokens?: number;
  output_tokens?: number;
  prompt_tokens_details?: { cached_tokens?: number };
  completion_tokens_details?: { reasoning_tokens?: number };
  input_tokens_details?: { cached_tokens?: number };
  output_tokens_details?: { reasoning_tokens?: number };
}

/** The parts of answers and of chunks that tell of the call. */
interface Answer {
  id?: string;
  model?: string;
  service_tier?: string | null;
  usage?: Usage | null;
}

interface Chunk extends Answer {
  choices?: { finish_reason?: string | null }[];
}

interface ResponseEvent {
  type: string;
  response?: Answer & { status?: string; error?: { code?: string } | null };
}

/**
 * A client of the `openai` package (5.x to 7.x) whose calls are tracked: chat completions, responses, completions and
 * embeddings, streams too. The caller gets what it would get without it.
 */
export function observeOpenAI<Client extends object>(
  client: Client,
  tracker: Tracker,
  options: ObserveOptions = {},
): Client {
  const observed = { ...withProvider(client), ...options };
  const begin = (request: Request) => new Call(tracker, observed, request.model);
  return observeClient(client, {
    'chat.completions.create': observeCompletion(begin),
    'completions.create': observeCompletion(begin),
    'responses.create': observeResponse(begin),
    'embeddings.create': observeAnswer(begin),
  });
}

/** The provider, where it is certain. Many others speak the same language at another address. */
function withProvider(client: object): ObserveOptions {
  if (client.constructor.name === 'AzureOpenAI') return { provider: 'azure' };
  const { baseURL } = client as { baseURL?: unknown };
  return /^https:\/\/([a-z-]+\.)?api\.openai\.com\//.test(`${baseURL}/`) ? { provider: 'openai' } : {};
}

type Begin = (request: Request) => Call;

function observeAnswer(begin: Begin): Observe {
  return (send, parameters) => {
    const call = begin((parameters[0] ?? {}) as Request);
    return observePromise(send(...parameters) as SdkPromise<Answer>, call, (answer) => end(call, answer));
  };
}

function observeCompletion(begin: Begin): Observe {
  return (send, parameters) => {
    const [request, ...rest] = parameters as [Request, ...unknown[]];
    if (!request?.stream) return observeAnswer(begin)(send, parameters);
    const call = begin(request);
    const asked = request.stream_options?.include_usage === true;
    const stream_options = { ...request.stream_options, include_usage: true };
    const sent = send({ ...request, stream_options }, ...rest) as SdkPromise<SdkStream<Chunk>>;
    return observePromise(sent, call, (stream) => watchCompletion(stream, call, asked));
  };
}

/** @param asked whether the caller wants the chunk with the usage, which comes last and has no choices */
function watchCompletion(stream: SdkStream<Chunk>, call: Call, asked: boolean): void {
  let finished = false;
  watch(
    stream,
    call,
    (chunk) => {
      const { choices = [] } = chunk;
      if (choices.length > 0) call.token();
      finished ||= choices.some(({ finish_reason }) => Boolean(finish_reason));
      call.tell(toldBy(chunk));
      if (asked) return true;
      if (choices.length === 0 && chunk.usage && typeof chunk.usage === 'object') return false;
      // Only there because the usage was asked for.
      if (chunk.usage === null) delete chunk.usage;
      return true;
    },
    () => finished,
  );
}

function observeResponse(begin: Begin): Observe {
  return (send, parameters) => {
    const [request] = parameters as [Request];
    if (!request?.stream) return observeAnswer(begin)(send, parameters);
    const call = begin(request);
    const sent = send(...parameters) as SdkPromise<SdkStream<ResponseEvent>>;
    return observePromise(sent, call, (stream) => watchResponse(stream, call));
  };
}

function watchResponse(stream: SdkStream<ResponseEvent>, call: Call): void {
  let finished = false;
  watch(
    stream,
    call,
    ({ type, response }) => {
      if (type.endsWith('.delta')) call.token();
      if (response) call.tell(toldBy(response));
      if (type === 'response.failed') call.fail({ code: response?.error?.code });
      finished ||= type === 'response.completed' || type === 'response.incomplete';
      return true;
    },
    () => finished,
  );
}

function watch<Item>(
  stream: SdkStream<Item>,
  call: Call,
  read: (item: Item) => boolean,
  isComplete: () => boolean,
): void {
  const iterator = stream.iterator.bind(stream);
  stream.iterator = () => watchChunks({ [Symbol.asyncIterator]: iterator }, call, read, isComplete);
}

function end(call: Call, answer: Answer): void {
  call.tell(toldBy(answer));
  call.succeed();
}

/** OpenAI counts cached tokens in the prompt and reasoning in the completion, as Tidemark does. */
function toldBy({ id, model, service_tier, usage }: Answer): Told {
  const prompt = usage?.prompt_tokens_details ?? usage?.input_tokens_details;
  const completion = usage?.completion_tokens_details ?? usage?.output_tokens_details;
  return {
    ...(id !== undefined && { responseId: id }),
    ...(model !== undefined && { modelId: model }),
    ...(service_tier && { serviceTier: service_tier }),
    ...numbers({
      inputTokens: usage?.prompt_tokens ?? usage?.input_tokens,
      outputTokens: usage?.completion_tokens ?? usage?.output_tokens,
      cachedInputTokens: prompt?.cached_tokens,
      reasoningTokens: completion?.reasoning_tokens,
    }),
  };
}

function numbers(counts: Record<string, number | undefined | null>): Told {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => typeof count === 'number'));
}
