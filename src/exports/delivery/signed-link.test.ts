import { describe, expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../time.ts';
import { checkLink, signLink } from './signed-link.ts';

const key = Buffer.alloc(32, 1);
const now = Date.parse('2026-11-03T14:00:00Z');
const file = { orgId: "a/b'c =1", jobId: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff', name: 'events-a_b.csv' };
const link = new URL(signLink(key, file, { now, ttl: 15 * MINUTE }), 'http://localhost');
const expires = Number(link.searchParams.get('expires'));
const signature = link.searchParams.get('signature') ?? '';

test('a link is valid until its time is over', () => {
  const at = (millis: number) => checkLink(key, file, { expires, signature, now: millis });
  expect([
    at(now),
    at(now + 15 * MINUTE - SECOND),
    at(now + 15 * MINUTE),
    at(now + 400 * 86_400_000),
  ]).toEqual(['valid', 'valid', 'expired', 'expired']);
});

describe('a link is forged', () => {
  test.each([
    ['with a later end', file, { expires: expires + 60, signature }],
    ['of another org', { ...file, orgId: 'a' }, { expires, signature }],
    ['of another job', { ...file, jobId: file.jobId.replace('6', '7') }, { expires, signature }],
    ['of another file', { ...file, name: 'manifest.json' }, { expires, signature }],
    ['without a signature', file, { expires, signature: '' }],
    ['with a part of the signature', file, { expires, signature: signature.slice(0, 20) }],
    ['with more than the signature', file, { expires, signature: `${signature}AAAA` }],
  ])('%s', (_, of, given) => {
    expect(checkLink(key, of, { ...given, now })).toBe('forged');
  });

  test('with another key, also when it has expired', () => {
    const other = Buffer.alloc(32, 2);
    expect(checkLink(other, file, { expires, signature, now: now + 60 * MINUTE })).toBe('forged');
  });
});
