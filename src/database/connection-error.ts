/** Tells errors of the connection, and errors that pass by themselves, from errors of the statement. */

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

/** The driver's own, which carry no code. */
const driverMessages =
  /^Connection terminated|^timeout exceeded when trying to connect|^Client (has encountered a connection error|was closed)|^timeout expired$/;

function read(error: unknown, key: 'code' | 'message'): string {
  const value =
    typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[key] : undefined;
  return typeof value === 'string' ? value : '';
}

/**
 * Whether the database could not be reached or went away: connection exceptions (class 08), shutdown and
 * start-up (57P01–57P05), a session that was ended for idling (25P03), and what the network and the driver say. The statement may or may not have
 * taken effect.
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

/** Whether the server gave the statement up because its time was over. */
export function isStatementTimeout(error: unknown): boolean {
  return read(error, 'code') === '57014';
}

/**
 * Whether PostgreSQL let nobody in: no such role, a wrong password (class 28), no such database, no right to connect
 * to it, no connection left, no TLS.
 */
export function isRefusedConnection(error: unknown): boolean {
  return (
    /^(28...|3D000|42501|53300|57P03)$/.test(read(error, 'code')) ||
    /^The server does not support SSL connections/.test(read(error, 'message'))
  );
}

/**
 * Whether the same transaction may succeed when it is tried again: connection errors, exhausted
 * resources (class 53), serialization failures, deadlocks, and locks that were not free in time.
 */
export function isTransient(error: unknown): boolean {
  return isConnectionError(error) || /^(53...|40001|40P01|55P03|57014)$/.test(read(error, 'code'));
}
