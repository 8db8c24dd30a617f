import {
  PrometheusError,
  type PrometheusSample,
  type PrometheusSeries,
  readAnswer,
  readSamples,
  readSeries,
} from './answer.ts';

/** Moments from `start` to `end`, both included, with a distance of `step`; all in milliseconds. */
export interface Moments {
  start: number;
  end: number;
  step: number;
}

export interface PrometheusApi {
  /**
   * Evaluates an expression now, or at a moment (milliseconds).
   * @throws {PrometheusError} when no usable answer arrives before `signal` aborts
   */
  query(expression: string, signal: AbortSignal, at?: number): Promise<PrometheusSample[]>;
  /**
   * Evaluates an expression at each of many moments, at most 11,000.
   * @throws {PrometheusError} as `query`
   */
  queryRange(expression: string, signal: AbortSignal, moments: Moments): Promise<PrometheusSeries[]>;
}

/** Maximum size of an answer. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * The HTTP API of a Prometheus server (`/api/v1/query`, `…/query_range`), or of a compatible one.
 * @param base its URL, with a path if it has one; user and password are sent as basic authentication
 */
export function prometheusApi(base: string): PrometheusApi {
  const { url, headers } = withoutCredentials(base);
  const post = async (path: string, parameters: Record<string, string>, signal: AbortSignal) => {
    const body = new URLSearchParams(parameters);
    const response = await fetch(url + path, { method: 'POST', headers, body, signal }).catch((error) => {
      throw new PrometheusError(reasonOf(error), { cause: error });
    });
    return readAnswer(await readBody(response, signal), response.status);
  };
  return {
    async query(expression, signal, at) {
      const time = at === undefined ? {} : { time: inSeconds(at) };
      return readSamples(await post('/api/v1/query', { query: expression, ...time }, signal));
    },
    async queryRange(expression, signal, { start, end, step }) {
      const times = { start: inSeconds(start), end: inSeconds(end), step: inSeconds(step) };
      return readSeries(await post('/api/v1/query_range', { query: expression, ...times }, signal));
    },
  };
}

function inSeconds(millis: number): string {
  return (millis / 1_000).toFixed(3);
}

async function readBody(response: Response, signal: AbortSignal): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) break;
      chunks.push(chunk);
    }
    if (bytes <= MAX_ANSWER_BYTES) return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    const reason = signal.aborted
      ? reasonOf(signal.reason)
      : error instanceof SyntaxError
        ? `answered ${response.status} without JSON`
        : reasonOf(error);
    throw new PrometheusError(reason, { cause: error });
  }
  throw new PrometheusError('the expression has too many series; aggregate them', { isRefusal: true });
}

/** Separates user and password from the URL, because `fetch` refuses URLs with them. */
export function withoutCredentials(given: string): { url: string; headers: Record<string, string> } {
  const url = new URL(given);
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  url.username = '';
  url.password = '';
  const headers: Record<string, string> =
    user === '' ? {} : { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
  return { url: url.href.replace(/\/+$/, ''), headers };
}

/** Why a request over the network failed, in a few words. */
export function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError' || name === 'AbortError') return 'did not answer in time';
  const code = (cause as { code?: string } | undefined)?.code;
  return code === undefined ? message : `cannot be reached (${code})`;
}
