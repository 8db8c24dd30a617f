/** Distinguishes connection errors and temporary errors from errors of the statement. */

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Errors of the driver itself, which have no code. */
const driverMessages =
  /^Connection terminated|^timeout exceeded when trying to connect|^Client (has encountered a connection error|was closed)|^timeout expired$/;

function read(error: unknown, key: 'code' | 'message'): string {
  const value =
    typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[key] : undefined;
  return typeof value === 'string' ? value : '';
}

/**
 * Whether the database could not be reached, or the connection was lost. PostgreSQL reports this as a connection
 * exception (class 08), as shutdown or start-up (57P01–57P05), or as a session ended for idling (25P03). Errors of the
 * network and the driver count too. The statement may or may not have taken effect.
 */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isConnectionError);
  const code = read(error, 'code');
  return (
    /^(08...|57P0[1-5]|25P03)$/.test(code) ||
    networkCodes.has(code) ||
    driverMessages.test(read(error, 'message'))
  );
}

/** Whether the server cancelled the statement because of its timeout. */
export function isStatementTimeout(error: unknown): boolean {
  return read(error, 'code') === '57014';
}

/**
 * Whether PostgreSQL refused the connection: an unknown role or a wrong password (class 28), an unknown database, no
 * permission to connect, no connection left, or no TLS.
 */
export function isRefusedConnection(error: unknown): boolean {
  return (
    /^(28...|3D000|42501|53300|57P03)$/.test(read(error, 'code')) ||
    /^The server does not support SSL connections/.test(read(error, 'message'))
  );
}

/**
 * Whether a retry of the same transaction may succeed. That holds for connection errors, exhausted resources (class 53),
 * serialization failures, deadlocks and lock timeouts.
 */
export function isTransient(error: unknown): boolean {
  return isConnectionError(error) || /^(53...|40001|40P01|55P03|57014)$/.test(read(error, 'code'));
}
