import { describe, expect, test } from 'vitest';
import { parsePasswd, pickAccount } from './account.ts';

const passwd = [
  '# comment:x:7:7',
  'root:x:0:0:root:/root:/bin/bash',
  'nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin',
  'postgres:x:101:104::/var/lib/postgresql:/bin/bash',
  'alice:x:1000:1001:Alice:/home/alice:/bin/sh',
  '',
].join('\n');

const accounts = parsePasswd(passwd);

test('reads names, user ids and group ids of a passwd file', () => {
  expect(accounts.map(({ name }) => name)).toEqual(['root', 'nobody', 'postgres', 'alice']);
  expect(accounts.at(-1)).toEqual({ name: 'alice', uid: 1000, gid: 1001 });
});

describe('PostgreSQL, started by root, runs as', () => {
  const pick = (owners: { cluster?: number; checkout?: number }, from = accounts) =>
    pickAccount(from, owners).name;

  test('the owner of the existing data directory', () => {
    expect(pick({ cluster: 1000, checkout: 101 })).toBe('alice');
  });

  test('the owner of the checkout where there is no data directory', () => {
    expect(pick({ checkout: 1000 })).toBe('alice');
  });

  test('postgres where all belongs to root or to unknown users', () => {
    expect(pick({ cluster: 0, checkout: 0 })).toBe('postgres');
    expect(pick({ cluster: 4711, checkout: 4711 })).toBe('postgres');
  });

  test('nobody where there is no postgres', () => {
    expect(
      pick(
        {},
        accounts.filter(({ name }) => name !== 'postgres'),
      ),
    ).toBe('nobody');
  });

  test('no account where there is only root', () => {
    expect(() => pick({}, accounts.slice(0, 1))).toThrow('set DATABASE_URL');
  });
});
