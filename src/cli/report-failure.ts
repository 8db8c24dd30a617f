import { resolve } from 'node:path';
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
  if (error instanceof ConfigError) return error.message;
  if (isSystemError(error)) return `${error.message}${advice(error)}`;
  return (error instanceof Error && error.stack) || messageOf(error);
}

/** Which setting is at fault, where the error of the system tells. */
function advice({ syscall, path }: NodeJS.ErrnoException): string {
  const { DATABASE_URL = '', DATA_DIR = './data' } = process.env;
  if (syscall === 'connect' || syscall === 'getaddrinfo')
    return '\n  The database cannot be reached. Check DATABASE_URL: its host, its port, and whether the server runs.';
  if (path !== undefined && DATABASE_URL.includes(path))
    return '\n  DATABASE_URL names this file. The account of the service must be able to read it.';
  if (path !== undefined && resolve(path).startsWith(resolve(DATA_DIR)))
    return '\n  Set DATA_DIR to a folder in which the account of the service may write.';
  return '';
}

/** Writes to standard error why a command failed, and sets exit code 1. */
export function reportFailure(error: unknown): void {
  process.stderr.write(`tidemark: ${showHidden(describe(error), { lines: true })}\n`);
  process.exitCode = 1;
}
