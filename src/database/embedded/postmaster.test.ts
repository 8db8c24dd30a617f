import { describe, expect, test } from 'vitest';
import { failureReason, parsePidFile } from './postmaster.ts';

function pidFile(state: string) {
  return `4711\n/data/postgres\n1795201234\n23456\n\n127.0.0.1\n 1234 5678\n${state}\n`;
}

describe('postmaster.pid', () => {
  test('gives the process, the port and whether connections are accepted', () => {
    expect(parsePidFile(pidFile('ready   '))).toEqual({ pid: 4711, port: 23456, ready: true });
    expect(parsePidFile(pidFile('starting'))).toEqual({ pid: 4711, port: 23456, ready: false });
    expect(parsePidFile(pidFile('stopping'))?.ready).toBe(false);
  });

  test.each(['', '\n', '4711\n/data/postgres\n', 'x\n/data\n1\n2\n', '-5\n/data\n1\n2\n'])(
    'with %j gives nothing',
    (text) => {
      expect(parsePidFile(text)).toBe(undefined);
    },
  );
});

test.each([
  ['taken', 'LOG:  could not bind IPv4 address "127.0.0.1": Address already in use'],
  ['busy', 'FATAL:  lock file "postmaster.pid" already exists'],
  ['busy', 'FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use'],
  ['other', 'FATAL:  invalid value for parameter "work_mem": "plenty"'],
  ['other', ''],
])('a start that failed is %s after %j', (reason, said) => {
  expect(failureReason(said)).toBe(reason);
});
