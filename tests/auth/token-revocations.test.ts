import { expect, test } from 'vitest';
import { revokeTokens } from '../../src/auth/token-revocations.ts';
import { SECOND, systemClock } from '../../src/time.ts';
import { tokenOf, useService } from '../support/service/service.ts';

const service = useService();
const caller = {
  actor: { id: 'root', roles: ['admin'] as const, orgs: [], via: 'command_line' as const },
  route: 'test',
  requestId: '1',
};

function usage(token: string) {
  return service.call('/analytics/v1/orgs/acme/usage', { token });
}

function revoke(kind: 'subject' | 'org', name: string) {
  return revokeTokens({ database: service.database.pool, clock: systemClock }, { kind, name }, caller);
}

/** A token that was issued a minute ago. */
async function olderToken(subject: string, orgs: string[]): Promise<string> {
  return tokenOf(['engineer'], orgs, subject, { now: () => systemClock.now() - 60 * SECOND });
}

test('a running service refuses every token of a subject that was issued before, and no other', async () => {
  const [eve, bob] = await Promise.all([olderToken('eve', ['acme']), olderToken('bob', ['acme'])]);
  expect((await usage(eve)).status).toBe(200);
  await revoke('subject', 'eve');
  await expect.poll(async () => (await usage(eve)).status, { timeout: 20 * SECOND }).toBe(401);
  expect((await usage(eve)).json).toMatchObject({ detail: 'The token has been revoked. Get a new one.' });
  expect((await usage(bob)).status).toBe(200);
});

test('a token that is issued after the revocation is accepted', async () => {
  const later = await tokenOf(['engineer'], ['acme'], 'zoe', { now: () => systemClock.now() + 3 * SECOND });
  const earlier = await olderToken('zoe', ['acme']);
  await revoke('subject', 'zoe');
  await expect.poll(async () => (await usage(earlier)).status, { timeout: 20 * SECOND }).toBe(401);
  expect((await usage(later)).status).toBe(200);
});

test('every token that names a revoked org is refused, and no other', async () => {
  const [both, other] = await Promise.all([
    olderToken('ann', ['acme', 'umbrella']),
    olderToken('ann', ['acme']),
  ]);
  await revoke('org', 'umbrella');
  await expect.poll(async () => (await usage(both)).status, { timeout: 20 * SECOND }).toBe(401);
  expect((await usage(other)).status).toBe(200);
});
