import { createRequire } from 'node:module';
import { type DestinationStream, type Logger, pino, stdSerializers, stdTimeFunctions } from 'pino';
import { escapeLine, escapeLineForPeople } from './escape-line.ts';

export type Log = Logger;

/** Fields with these names are credentials, or may contain one. Their values are hidden. */
const SECRETS = ['authorization', 'cookie', 'password', 'secret', 'token', 'apiKey', 'key', '["x-api-key"]'];

/**
 * Creates a structured log: one JSON object a line, or readable text on a terminal if pino-pretty is installed.
 * @param options.destination receives the lines; standard output by default
 */
export function createLog(options: { level: string; destination?: DestinationStream }): Log {
  const people = options.destination === undefined && process.stdout.isTTY ? readable() : undefined;
  const destination = options.destination ?? people;
  const settings = {
    level: options.level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
    hooks: { streamWrite: people === undefined ? escapeLine : escapeLineForPeople },
    redact: {
      paths: SECRETS.flatMap((name) =>
        name.startsWith('[') ? [name, `*${name}`] : [name, `*.${name}`, `*.*.${name}`],
      ),
      censor: '[hidden]',
    },
  };
  return destination ? pino(settings, destination) : pino(settings);
}

/** An error with its causes, but without the objects that drivers attach, such as the whole connection. */
function describeError(error: Error & { code?: unknown }) {
  const { type, message, stack } = stdSerializers.err(error);
  return { type, message, ...(error.code !== undefined && { code: error.code }), stack };
}

/** pino-pretty as a stream in this thread, or `undefined` if it is not installed. */
function readable(): DestinationStream | undefined {
  try {
    const require = createRequire(import.meta.url);
    return require('pino-pretty')({
      colorize: true,
      ignore: 'requestId,correlationId',
      translateTime: 'SYS:HH:MM:ss',
      sync: true,
    });
  } catch {
    return undefined;
  }
}
