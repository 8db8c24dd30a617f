/** A value of an attribute that Tidemark reads. Lists, maps and bytes hold prompts and the like, and are skipped. */
export type AttributeValue = string | number | boolean;

export type Attributes = Map<string, AttributeValue>;

/** What Tidemark needs of a span, the same for both encodings of OTLP. Prompts and answers are never part of it. */
export interface OtlpSpan {
  /** 32 hexadecimal digits in lower case. */
  traceId: string;
  /** 16 hexadecimal digits in lower case. */
  spanId: string;
  /** Empty for the first span of a trace. */
  parentSpanId: string;
  /** Microseconds since the epoch; 0 if it is not given. */
  start: number;
  /** Microseconds since the epoch; 0 if it is not given. */
  end: number;
  /** 0 unset, 1 ok, 2 error. */
  statusCode: number;
  attributes: ReadonlyMap<string, AttributeValue>;
  /** The `exception.type` of its last exception. */
  exception: string | undefined;
  /** The instrumentation that made it. */
  scope: OtlpScope;
  /** The attributes of the process that made it. */
  resource: ReadonlyMap<string, AttributeValue>;
}

export interface OtlpScope {
  name: string;
  version: string;
}
