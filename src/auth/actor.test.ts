import { describe, expect, test } from 'vitest';
import { type Actor, canIngestFor, may, mayIn } from './actor.ts';
import { type Capability, capabilities, type Role, roles } from './roles.ts';

function actor(...held: Role[]): Actor {
  return { id: 'ada', roles: held, orgs: ['acme'], via: 'jwt' };
}

describe('roles', () => {
  test('reach only their own orgs, except admin', () => {
    const reach = roles.filter((role) =>
      capabilities.some((capability) => mayIn(actor(role), capability, 'globex')),
    );
    expect(reach).toEqual(['admin']);
  });

  test('reach all orgs together only as admin, whatever orgs were given', () => {
    const reach = roles.filter((role) =>
      capabilities.some((capability) => mayIn({ ...actor(role), orgs: ['*'] }, capability, '*')),
    );
    expect(reach).toEqual(['admin']);
  });

  test.each<[Role, Capability[]]>([
    ['admin', [...capabilities]],
    ['ingest', ['events:write', 'self:read']],
    ['business_viewer', ['dashboard:read', 'business:read', 'self:read']],
    [
      'finance',
      ['usage:read', 'dashboard:read', 'business:read', 'exports:read', 'exports:write', 'self:read'],
    ],
  ])('give %s exactly these permissions', (role, granted) => {
    expect(capabilities.filter((capability) => mayIn(actor(role), capability, 'acme'))).toEqual(granted);
  });
});

test('add up', () => {
  const both = actor('ingest', 'finance');
  expect(may(both, 'events:write') && may(both, 'usage:read')).toBe(true);
  expect(may(both, 'keys:manage')).toBe(false);
});

test('let a machine send events of its own orgs', () => {
  expect(canIngestFor(actor('ingest'), 'acme')).toBe(true);
  expect(canIngestFor(actor('ingest'), 'globex')).toBe(false);
  expect(canIngestFor(actor('engineer'), 'acme')).toBe(false);
});
