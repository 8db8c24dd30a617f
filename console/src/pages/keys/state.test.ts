import { expect, test } from 'vitest';
import { stateOf } from './state.ts';

const now = Date.parse('2026-11-03T00:00:00Z');

test('a key works until its end, and not at it', () => {
  expect(stateOf({ revokedAt: null, expiresAt: null }, now)).toBe('active');
  expect(stateOf({ revokedAt: null, expiresAt: '2026-11-03T00:00:01Z' }, now)).toBe('active');
  expect(stateOf({ revokedAt: null, expiresAt: '2026-11-03T00:00:00Z' }, now)).toBe('expired');
});

test('a revoked key is revoked, also after its end', () => {
  expect(stateOf({ revokedAt: '2026-11-01T00:00:00Z', expiresAt: '2026-11-02T00:00:00Z' }, now)).toBe(
    'revoked',
  );
});
