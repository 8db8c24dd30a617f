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

/** Prometheus could not be asked, or did not understand. The message may be shown to an operator. */
export class PrometheusError extends Error {
  override readonly name = 'PrometheusError';
  /** Whether it is the expression that it does not take, or whose answer is of no use: to ask again is no use. */
  readonly isRefusal: boolean;

  constructor(message: string, { isRefusal = false, cause }: { isRefusal?: boolean; cause?: unknown } = {}) {
    super(message, { cause });
    this.isRefusal = isRefusal;
  }
}

/** The types of errors that are about the expression, as its HTTP API documents them. */
const REFUSALS: readonly unknown[] = ['bad_data', 'execution'];

/**
 * The `data` of an answer. Nothing is believed of its shape: what answers may be no Prometheus.
 * @throws {PrometheusError} with what the answer says is wrong
 */
export function readAnswer(answer: unknown, httpStatus: number): Fields {
  const { status, data, error, errorType } = fieldsOf(answer) ?? {};
  if (status === 'success') {
    const found = fieldsOf(data);
    if (!found) throw strange();
    return found;
  }
  const message = typeof error === 'string' ? error : `answered ${httpStatus}`;
  throw new PrometheusError(message, { isRefusal: REFUSALS.includes(errorType) });
}

/**
 * The samples of an instant vector; of a scalar, its one.
 * @throws {PrometheusError} when they are none
 */
export function readSamples({ resultType, result }: Fields): PrometheusSample[] {
  if (resultType === 'scalar') return [{ labels: {}, value: readPoint(result).value }];
  if (resultType !== 'vector')
    throw new PrometheusError('the expression is no instant vector', { isRefusal: true });
  return itemsOf(result).map((item) => {
    const { metric, value, histogram } = fieldsOf(item) ?? {};
    refuseHistogram(histogram);
    return { labels: readLabels(metric), value: readPoint(value).value };
  });
}

/**
 * The series of a range.
 * @throws {PrometheusError} when they are none
 */
export function readSeries({ resultType, result }: Fields): PrometheusSeries[] {
  if (resultType !== 'matrix') throw strange();
  return itemsOf(result).map((item) => {
    const { metric, values, histograms } = fieldsOf(item) ?? {};
    refuseHistogram(histograms);
    return { labels: readLabels(metric), values: itemsOf(values).map(readPoint) };
  });
}

/** As Prometheus writes numbers: `+Inf`, `-Inf`, `NaN` and the rest. */
export function numberOf(text: string): number {
  return /^[+-]?Inf$/.test(text) ? Number(text.replace('Inf', 'Infinity')) : Number(text);
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

function itemsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw strange();
}

function readLabels(value: unknown): PrometheusSample['labels'] {
  const labels = fieldsOf(value);
  if (labels && Object.values(labels).every((label) => typeof label === 'string'))
    return labels as PrometheusSample['labels'];
  throw strange();
}

/** `[seconds, "value"]`. */
function readPoint(value: unknown): { at: number; value: number } {
  const [seconds, text] = itemsOf(value);
  if (typeof seconds !== 'number' || typeof text !== 'string' || text.trim() === '') throw strange();
  const number = numberOf(text);
  if (Number.isNaN(number) && text !== 'NaN') throw strange();
  return { at: Math.round(seconds * 1_000), value: number };
}

function refuseHistogram(histogram: unknown): void {
  if (histogram === undefined) return;
  const message = 'the expression has native histograms; make numbers of them, as histogram_quantile does';
  throw new PrometheusError(message, { isRefusal: true });
}

function strange(): PrometheusError {
  return new PrometheusError('answered what is no answer of Prometheus');
}
