import { ConfigError } from '../config.ts';
import { isRefusedConnection } from '../database/connection-error.ts';
import { CodedError } from '../errors.ts';
import { showHidden } from '../plain-text.ts';

/** An error of the system or the network, such as a missing file or an unreachable database. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).errno === 'number';
}

/** An error of a server whose TLS certificate was refused. */
function isRefusedCertificate(error: unknown): error is Error {
  return (
    error instanceof Error &&
    /^(ERR_TLS_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/.test(
      String((error as NodeJS.ErrnoException).code),
    )
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function describe(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return describe(error.errors[0]);
  if (error instanceof CodedError) {
    return [
      error.message,
      ...error.faults.map(({ path, message }) => `  ${path.replace(/^\$\./, '')}: ${message}`),
    ].join('\n');
  }
  if (isRefusedConnection(error)) return `the database (DATABASE_URL) cannot be used: ${messageOf(error)}`;
  if (isRefusedCertificate(error)) return `the server's certificate is refused: ${error.message}`;
  if (error instanceof ConfigError || isSystemError(error)) return error.message;
  return (error instanceof Error && error.stack) || messageOf(error);
}

/** Writes to standard error why a command failed, and sets exit code 1. */
export function reportFailure(error: unknown): void {
  process.stderr.write(`tidemark: ${showHidden(describe(error), { lines: true })}\n`);
  process.exitCode = 1;
}
