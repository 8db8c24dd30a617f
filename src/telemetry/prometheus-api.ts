/** One series of an answer of Prometheus at a moment. */
export interface PrometheusSample {
  labels: Readonly<Record<string, string>>;
  /** May be NaN or infinite, as Prometheus has it. */
  value: number;
}

/** One series of an answer of Prometheus over a stretch of time. */
export interface PrometheusSeries {
  labels: PrometheusSample['labels'];
  /** At each moment (milliseconds) that the series has one at, in order; may be NaN or infinite. */
  values: { at: number; value: number }[];
}

/** Moments from `start` to `end`, both included, `step` apart; milliseconds. */
export interface Moments {
  start: number;
  end: number;
  step: number;
}

export interface PrometheusApi {
  /**
   * What an expression amounts to now, or at a moment (milliseconds).
   * @throws {PrometheusError} when there is no answer before `signal` aborts, or it is none of use
   */
  query(expression: string, signal: AbortSignal, at?: number): Promise<PrometheusSample[]>;
  /**
   * What an expression amounted to at each of many moments, at most 11,000.
   * @throws {PrometheusError} as `query`
   */
  queryRange(expression: string, signal: AbortSignal, moments: Moments): Promise<PrometheusSeries[]>;
}

/** Prometheus could not be asked, or did not understand. The message may be shown to an operator. */
export class PrometheusError extends Error {
  override readonly name = 'PrometheusError';
  /** Whether it is the expression that it does not take, or whose answer is too large: to ask again is no use. */
  readonly isRefusal: boolean;

  constructor(message: string, { isRefusal = false, cause }: { isRefusal?: boolean; cause?: unknown } = {}) {
    super(message, { cause });
    this.isRefusal = isRefusal;
  }
}

interface QueryAnswer {
  status: 'success' | 'error';
  errorType?: string;
  error?: string;
  data?: { resultType: string; result: unknown };
}
type Point = [seconds: number, value: string];
type VectorSample = { metric: Record<string, string>; value: Point };
type MatrixSeries = { metric: Record<string, string>; values: Point[] };

/** The types of errors that are about the expression, as its HTTP API documents them. */
const REFUSALS: readonly string[] = ['bad_data', 'execution'];
/** More of an answer is not read. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * The HTTP API of a Prometheus server (`/api/v1/query`, `…/query_range`), or of anything that speaks it.
 * @param base its URL, with a path where it is served under one; user and password are sent as basic auth
 */
export const prometheusApi = (base: string): PrometheusApi => {
  const { url, headers } = withoutCredentials(base);
  const ask = async (
    path: string,
    parameters: Record<string, string>,
    signal: AbortSignal,
  ): Promise<QueryAnswer['data']> => {
    const body = new URLSearchParams(parameters);
    const response = await fetch(url + path, { method: 'POST', headers, body, signal }).catch((error) => {
      throw new PrometheusError(reasonOf(error), { cause: error });
    });
    const answer = await readAnswer(response, signal);
    if (answer?.status === 'success') return answer.data;
    throw new PrometheusError(answer?.error ?? `answered ${response.status}`, {
      isRefusal: REFUSALS.includes(answer?.errorType ?? ''),
    });
  };
  return {
    async query(expression, signal, at) {
      const time = at === undefined ? {} : { time: inSeconds(at) };
      return samplesOf(await ask('/api/v1/query', { query: expression, ...time }, signal));
    },
    async queryRange(expression, signal, { start, end, step }) {
      const times = { start: inSeconds(start), end: inSeconds(end), step: inSeconds(step) };
      return seriesOf(await ask('/api/v1/query_range', { query: expression, ...times }, signal));
    },
  };
};

const inSeconds = (millis: number): string => (millis / 1_000).toFixed(3);

const readAnswer = async (response: Response, signal: AbortSignal): Promise<QueryAnswer | null> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) break;
      chunks.push(chunk);
    }
    if (bytes <= MOST_BYTES) return JSON.parse(Buffer.concat(chunks).toString('utf8')) as QueryAnswer | null;
  } catch (error) {
    const reason = signal.aborted
      ? reasonOf(signal.reason)
      : error instanceof SyntaxError
        ? `answered ${response.status} and no JSON`
        : reasonOf(error);
    throw new PrometheusError(reason, { cause: error });
  }
  throw new PrometheusError('the expression has too many series; aggregate them', { isRefusal: true });
};

const samplesOf = (data: QueryAnswer['data']): PrometheusSample[] => {
  if (data?.resultType === 'scalar') {
    return [{ labels: {}, value: Number((data.result as Point)[1]) }];
  }
  if (data?.resultType !== 'vector')
    throw new PrometheusError('the expression is no instant vector', { isRefusal: true });
  return (data.result as VectorSample[]).map(({ metric, value }) => ({
    labels: metric,
    value: numberOf(value[1]),
  }));
};

const seriesOf = (data: QueryAnswer['data']): PrometheusSeries[] =>
  ((data?.result ?? []) as MatrixSeries[]).map(({ metric, values }) => ({
    labels: metric,
    values: values.map(([seconds, value]) => ({ at: Math.round(seconds * 1_000), value: numberOf(value) })),
  }));

/** As Prometheus writes numbers: `+Inf`, `-Inf`, `NaN` and the rest. */
export const numberOf = (text: string): number =>
  /^[+-]?Inf$/.test(text) ? Number(text.replace('Inf', 'Infinity')) : Number(text);

/** `fetch` refuses URLs with a user in them. */
export const withoutCredentials = (given: string): { url: string; headers: Record<string, string> } => {
  const url = new URL(given);
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  url.username = '';
  url.password = '';
  const headers: Record<string, string> =
    user === '' ? {} : { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
  return { url: url.href.replace(/\/+$/, ''), headers };
};

/** Why a request over the network failed, in a few words. */
export const reasonOf = (error: unknown): string => {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError' || name === 'AbortError') return 'did not answer in time';
  const code = (cause as { code?: string } | undefined)?.code;
  return code === undefined ? message : `cannot be reached (${code})`;
};
