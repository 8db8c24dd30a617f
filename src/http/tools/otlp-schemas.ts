import type { FastifySchemaCompiler } from 'fastify';
import { MAX_EVENTS } from '../../events/max-events.ts';
import { requires } from '../shell/authenticate.ts';
import { compileValidator } from '../shell/validation.ts';
import { JSON_TYPE, PROTOBUF, type RejectedName } from './otlp-answers.ts';

const tags = ['Events'];

/** The schema of the body only documents it: the readers check it. */
function validatorCompiler(part: Parameters<FastifySchemaCompiler<unknown>>[0]) {
  return part.httpPart === 'body' ? () => true : compileValidator(part);
}

function bodyOf(request: string) {
  return {
    content: {
      [JSON_TYPE]: { schema: { type: 'object', description: `An ${request} of OTLP.` } },
      [PROTOBUF]: { schema: { type: 'string', format: 'binary', description: 'The same as protobuf.' } },
    },
  };
}

function responseOf(description: string, rejectedName?: RejectedName): Record<number, object> {
  const properties = {
    ...(rejectedName && { [rejectedName]: { type: 'string' } }),
    errorMessage: { type: 'string' },
  };
  const partialSuccess = { type: 'object', properties };
  return { 200: { description, type: 'object', properties: { partialSuccess } } };
}

const COMMITTED = 'Every call is committed, apart from those that partialSuccess counts as refused.';

/** @param basic whether the key may be the password of Basic authentication */
export function tracesRoute(summary: string, { basic }: { basic: boolean }) {
  const { access } = requires('events:write', 'none');
  return {
    config: { access: basic && access !== 'public' ? { ...access, basic: true as const } : access },
    validatorCompiler,
    schema: {
      tags,
      body: bodyOf('ExportTraceServiceRequest'),
      summary,
      description:
        `Counts the calls to models among the spans, and stores nothing of their prompts. At most ${MAX_EVENTS} spans, plain or ` +
        'compressed. The org is that of the API key. A span that is no call is accepted and not counted.',
      response: responseOf(COMMITTED, 'rejectedSpans'),
    },
  };
}

export const logsRoute = {
  config: requires('events:write', 'none'),
  validatorCompiler,
  schema: {
    tags,
    body: bodyOf('ExportLogsServiceRequest'),
    summary: 'Send logs of coding agents (OTLP)',
    description:
      'Counts the calls to models that Claude Code, Gemini CLI and Codex log, and stores nothing of their prompts. At most ' +
      `${MAX_EVENTS} records. Every other record is accepted and not counted.`,
    response: responseOf(COMMITTED, 'rejectedLogRecords'),
  },
};

export const metricsRoute = {
  config: requires('events:write', 'none'),
  validatorCompiler,
  schema: {
    tags,
    body: bodyOf('ExportMetricsServiceRequest'),
    summary: 'Accept metrics of OpenTelemetry (OTLP), and count none',
    description:
      'Exporters that send traces often send metrics too. They repeat the calls of the traces, so they are dropped.',
    response: responseOf('Nothing is counted; the message says so.'),
  },
};
