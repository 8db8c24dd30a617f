import { createRequire } from 'node:module';
import { type DestinationStream, type Logger, pino, stdSerializers, stdTimeFunctions } from 'pino';

export type Log = Logger;

/** Whatever is logged under these names is a credential or may carry one. */
const SECRETS = ['authorization', 'cookie', 'password', 'secret', 'token', 'apiKey', 'key', '["x-api-key"]'];

/**
 * A structured log: one JSON object a line, readable text on a terminal (when pino-pretty is installed).
 * @param destination where the lines go; standard output when absent
 */
export function createLog(options: { level: string; destination?: DestinationStream }): Log {
  const destination = options.destination ?? (process.stdout.isTTY ? readable() : undefined);
  const settings = {
    level: options.level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
    redact: {
      paths: SECRETS.flatMap((name) =>
        name.startsWith('[') ? [name, `*${name}`] : [name, `*.${name}`, `*.*.${name}`],
      ),
      censor: '[hidden]',
    },
  };
  return destination ? pino(settings, destination) : pino(settings);
}

/** What an error says, with its causes; not what a driver hangs on it, such as the whole connection. */
function describeError(error: Error & { code?: unknown }) {
  const { type, message, stack } = stdSerializers.err(error);
  return { type, message, ...(error.code !== undefined && { code: error.code }), stack };
}

/** pino-pretty as a stream in this thread, or nothing where it is not installed. */
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
