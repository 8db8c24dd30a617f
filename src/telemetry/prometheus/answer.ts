/** One series of a Prometheus answer, at one moment. */
export interface PrometheusSample {
  labels: Readonly<Record<string, string>>;
  /** May be NaN or infinite, as in Prometheus. */
  value: number;
}

/** One series of a Prometheus answer, over a range of time. */
export interface PrometheusSeries {
  labels: PrometheusSample['labels'];
  /** The values by moment (milliseconds), in order; they may be NaN or infinite. */
  values: { at: number; value: number }[];
}

/** Prometheus could not be reached, or refused the query. The message may be shown to an operator. */
export class PrometheusError extends Error {
  override readonly name = 'PrometheusError';
  /** Whether the expression is at fault: it was refused, or its answer is unusable. A retry would not help. */
  readonly isRefusal: boolean;

  constructor(message: string, { isRefusal = false, cause }: { isRefusal?: boolean; cause?: unknown } = {}) {
    super(message, { cause });
    this.isRefusal = isRefusal;
  }
}

/** The error types of its HTTP API that concern the expression. */
const REFUSALS: readonly unknown[] = ['bad_data', 'execution'];

/**
 * Returns the `data` of an answer. Its shape is checked, because the server may not be a Prometheus.
 * @throws {PrometheusError} with the error of the answer
 */
export function readAnswer(answer: unknown, httpStatus: number): Fields {
  const { status, data, error, errorType } = fieldsOf(answer) ?? {};
  if (status === 'success') {
    const found = fieldsOf(data);
    if (!found) throw notPrometheus();
    return found;
  }
  const message = typeof error === 'string' ? error : `answered ${httpStatus}`;
  throw new PrometheusError(message, { isRefusal: REFUSALS.includes(errorType) });
}

/**
 * The samples of an instant vector, or the only one of a scalar.
 * @throws {PrometheusError} when the answer is neither
 */
export function readSamples({ resultType, result }: Fields): PrometheusSample[] {
  if (resultType === 'scalar') return [{ labels: {}, value: readPoint(result).value }];
  if (resultType !== 'vector')
    throw new PrometheusError(
      'the expression is not an instant vector; choose one that returns one value for each series',
      { isRefusal: true },
    );
  return itemsOf(result).map((item) => {
    const { metric, value, histogram } = fieldsOf(item) ?? {};
    refuseHistogram(histogram);
    return { labels: readLabels(metric), value: readPoint(value).value };
  });
}

/**
 * The series of a range query.
 * @throws {PrometheusError} when the answer has another shape
 */
export function readSeries({ resultType, result }: Fields): PrometheusSeries[] {
  if (resultType !== 'matrix') throw notPrometheus();
  return itemsOf(result).map((item) => {
    const { metric, values, histograms } = fieldsOf(item) ?? {};
    refuseHistogram(histograms);
    return { labels: readLabels(metric), values: itemsOf(values).map(readPoint) };
  });
}

/** Reads a number as Prometheus writes it, including `+Inf`, `-Inf` and `NaN`. */
export function numberOf(text: string): number {
  return /^[+-]?Inf$/.test(text) ? Number(text.replace('Inf', 'Infinity')) : Number(text);
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

function itemsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw notPrometheus();
}

function readLabels(value: unknown): PrometheusSample['labels'] {
  const labels = fieldsOf(value);
  if (labels && Object.values(labels).every((label) => typeof label === 'string'))
    return labels as PrometheusSample['labels'];
  throw notPrometheus();
}

/** `[seconds, "value"]`. */
function readPoint(value: unknown): { at: number; value: number } {
  const [seconds, text] = itemsOf(value);
  if (typeof seconds !== 'number' || typeof text !== 'string' || text.trim() === '') throw notPrometheus();
  const number = numberOf(text);
  if (Number.isNaN(number) && text !== 'NaN') throw notPrometheus();
  return { at: Math.round(seconds * 1_000), value: number };
}

function refuseHistogram(histogram: unknown): void {
  if (histogram === undefined) return;
  const message =
    'the expression returns native histograms; turn them into numbers, for example with histogram_quantile';
  throw new PrometheusError(message, { isRefusal: true });
}

function notPrometheus(): PrometheusError {
  return new PrometheusError('the answer is not in the format of Prometheus; check its URL');
}
