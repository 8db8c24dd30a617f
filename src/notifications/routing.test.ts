import { describe, expect, test } from 'vitest';
import { defaultChannels, insteadOfSms, type Preference, routesOf } from './routing.ts';

const now = Date.parse('2026-11-20T10:00:00Z');
const nobody = { email: [], sms: [], slack: [] };
const ada: Preference = {
  kind: 'user',
  id: 'ada',
  email: 'ada@acme.example',
  phone: '+4915110000001',
  slack: null,
  webhook: null,
  channels: defaultChannels,
  quietHours: null,
};

test('who has no address for a channel is not told by it', () => {
  expect(routesOf('slack', 'critical', [ada], nobody, now)).toEqual([]);
  expect(routesOf('email', 'info', [ada], nobody, now)).toEqual([]);
  expect(routesOf('email', 'warning', [ada], nobody, now)).toEqual([
    { recipient: 'ada@acme.example', notBefore: now },
  ]);
});

test('the defaults are for orgs whose people have said nothing', () => {
  const defaults = { email: ['ops@acme.example', 'ops@acme.example'], sms: ['+49'], slack: ['default'] };
  expect(routesOf('email', 'info', [], defaults, now)).toEqual([
    { recipient: 'ops@acme.example', notBefore: now },
  ]);
  expect(routesOf('slack', 'critical', [ada], defaults, now)).toEqual([]);
  expect(routesOf('webhook', 'critical', [], defaults, now)).toEqual([]);
});

test('an address that two share is told as early as one of them wants', () => {
  const asleep = { from: '09:00', to: '12:00', timezone: 'UTC' };
  const late = { ...ada, quietHours: asleep };
  expect(routesOf('email', 'warning', [late], nobody, now)).toEqual([
    { recipient: 'ada@acme.example', notBefore: Date.parse('2026-11-20T12:00:00Z') },
  ]);
  expect(routesOf('email', 'warning', [late, ada], nobody, now)).toEqual([
    { recipient: 'ada@acme.example', notBefore: now },
  ]);
  expect(routesOf('email', 'critical', [late], nobody, now)[0]?.notBefore).toBe(now);
});

describe('instead of an SMS', () => {
  const defaults = { email: ['ops@acme.example'], sms: [], slack: ['default'] };

  test('its owner is told by the next channel there is', () => {
    expect(insteadOfSms('+4915110000001', [ada], defaults)).toEqual([
      { channel: 'email', recipient: 'ada@acme.example' },
    ]);
    expect(insteadOfSms('+4915110000001', [{ ...ada, slack: 'team' }], defaults)).toEqual([
      { channel: 'slack', recipient: 'team' },
    ]);
  });

  test('the defaults are told of a number that nobody owns', () => {
    expect(insteadOfSms('+1', [ada], defaults)).toEqual([{ channel: 'slack', recipient: 'default' }]);
    expect(insteadOfSms('+1', [], { ...defaults, slack: [] })).toEqual([
      { channel: 'email', recipient: 'ops@acme.example' },
    ]);
    expect(insteadOfSms('+1', [], nobody)).toEqual([]);
  });
});
