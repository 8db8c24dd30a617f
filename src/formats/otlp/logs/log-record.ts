import type { Attributes, OtlpScope } from '../span.ts';
import { WantedNames } from '../wanted-names.ts';

/** What Tidemark needs of a log record, the same for both encodings of OTLP. */
export interface LogRecord {
  /** The name of the event; empty for a record that is none. */
  name: string;
  /** When it was written, in microseconds since the epoch; 0 if that is not given. */
  time: number;
  attributes: Attributes;
  scope: OtlpScope;
  /** The attributes of the process that made it. */
  resource: Attributes;
}

/** The attributes of a log record that Tidemark reads. Prompts and messages of errors are none of them. */
export const logAttributes = new WantedNames([
  ...['event.name', 'event.kind', 'event.timestamp', 'event.sequence', 'session.id', 'conversation.id'],
  ...['model', 'request_id', 'response_id', 'prompt_id', 'duration_ms', 'ttft_ms', 'cost_usd'],
  ...['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens'],
  ...['input_token_count', 'output_token_count', 'cached_content_token_count', 'thoughts_token_count'],
  ...['tool_token_count', 'cached_token_count', 'reasoning_token_count'],
  ...['status_code', 'http.response.status_code', 'error_type', 'error.type'],
  ...['service.name', 'deployment.environment.name', 'deployment.environment'],
]);

/**
 * The name of the event. Claude Code has it in full in the body alone, others in an attribute. Text that cannot be a name
 * is dropped, since a body may be a prompt.
 */
export function eventNameOf(given: string, attributes: Attributes, body: unknown): string {
  const names = [given, attributes.get('event.name'), body].filter(
    (name) => typeof name === 'string' && /^[\w.-]{1,100}$/.test(name),
  ) as string[];
  return names.find((name) => name.includes('.')) ?? names[0] ?? '';
}
