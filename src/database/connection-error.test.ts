import { expect, test } from 'vitest';
import { isConnectionError, isTransient } from './connection-error.ts';

function withCode(code: string) {
  return Object.assign(new Error('database says'), { code });
}

test.each(['08006', '08P01', '57P01', '57P02', '57P03', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'])(
  '%s is a connection error and transient',
  (code) => {
    expect(isConnectionError(withCode(code))).toBe(true);
    expect(isTransient(withCode(code))).toBe(true);
  },
);

test.each(['53300', '53100', '40001', '40P01', '55P03', '57014'])(
  '%s is transient and no connection error',
  (code) => {
    expect(isConnectionError(withCode(code))).toBe(false);
    expect(isTransient(withCode(code))).toBe(true);
  },
);

test.each(['23505', '22P02', '42601', '28P01', ''])(
  '%s is an error of the statement, not transient',
  (code) => {
    expect(isTransient(withCode(code))).toBe(false);
  },
);

test.each([
  'Connection terminated',
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
])('the driver’s “%s” is a connection error', (message) => {
  expect(isConnectionError(new Error(message))).toBe(true);
});

test('a refused connection to a host with several addresses is a connection error', () => {
  expect(isConnectionError(new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNREFUSED')]))).toBe(
    true,
  );
});

test.each([undefined, null, 'text', 42, {}, { code: 42 }])('%j is not a transient error', (thrown) => {
  expect(isTransient(thrown)).toBe(false);
});
