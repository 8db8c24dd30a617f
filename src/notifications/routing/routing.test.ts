import { describe, expect, test } from 'vitest';
import { elsewhere } from '../../../tests/support/alerting/notices.ts';
import { outerChannels } from '../notice/notice.ts';
import {
  channelsWith,
  defaultChannels,
  insteadOfSms,
  missingAddresses,
  type NoticeByPreference,
  type Preference,
  routesOf,
} from './routing.ts';

const now = Date.parse('2026-11-20T10:00:00Z');
const nobody = { email: [], sms: [], slack: [] };
const ada: Preference = {
  kind: 'user',
  id: 'ada',
  email: 'ada@acme.example',
  phone: '+4915110000001',
  slack: null,
  webhook: null,
  ...elsewhere,
  channels: defaultChannels,
  quietHours: null,
};

/** Notices that may go out by any channel. */
const critical: NoticeByPreference = { severity: 'critical', channels: outerChannels };
const warning: NoticeByPreference = { ...critical, severity: 'warning' };
const info: NoticeByPreference = { ...critical, severity: 'info' };

test('a person without an address for a channel is not told by it', () => {
  expect(routesOf('slack', critical, { preferences: [ada], defaults: nobody }, now)).toEqual([]);
  expect(routesOf('email', info, { preferences: [ada], defaults: nobody }, now)).toEqual([]);
  expect(routesOf('email', warning, { preferences: [ada], defaults: nobody }, now)).toEqual([
    { recipient: 'ada@acme.example', notBefore: now },
  ]);
});

describe('the default recipients are told', () => {
  const defaults = { email: ['ops@acme.example', 'ops@acme.example'], sms: ['+49'], slack: ['default'] };
  const ops = [{ recipient: 'ops@acme.example', notBefore: now }];

  test('when the org has no preferences', () => {
    expect(routesOf('email', info, { preferences: [], defaults }, now)).toEqual(ops);
    expect(routesOf('webhook', critical, { preferences: [], defaults }, now)).toEqual([]);
  });

  test('when no preference covers the severity, and only then', () => {
    expect(routesOf('email', info, { preferences: [ada], defaults }, now)).toEqual(ops);
    expect(routesOf('slack', critical, { preferences: [ada], defaults }, now)).toEqual([]);
  });

  test('when no preference uses the channels of the rule', () => {
    const bySlack: NoticeByPreference = { severity: 'critical', channels: ['slack'] };
    expect(routesOf('slack', bySlack, { preferences: [ada], defaults }, now)).toEqual([
      { recipient: 'default', notBefore: now },
    ]);
  });
});

describe('a preference', () => {
  const addresses = { email: 'ada@acme.example', phone: null, slack: null, ...elsewhere, webhook: 'pager' };

  test('without channels gets the usual ones that it has addresses for', () => {
    expect(channelsWith(addresses)).toEqual({ info: [], warning: ['email'], critical: ['email'] });
  });

  test('with a channel but no address for it is missing that address', () => {
    expect(missingAddresses({ ...addresses, channels: defaultChannels })).toEqual([
      { address: 'slack', channel: 'slack', severities: ['warning', 'critical'] },
      { address: 'phone', channel: 'sms', severities: ['critical'] },
    ]);
  });
});

test('an address that two people share is told as early as one of them wants', () => {
  const asleep = { from: '09:00', to: '12:00', timezone: 'UTC' };
  const late = { ...ada, quietHours: asleep };
  expect(routesOf('email', warning, { preferences: [late], defaults: nobody }, now)).toEqual([
    { recipient: 'ada@acme.example', notBefore: Date.parse('2026-11-20T12:00:00Z') },
  ]);
  expect(routesOf('email', warning, { preferences: [late, ada], defaults: nobody }, now)).toEqual([
    { recipient: 'ada@acme.example', notBefore: now },
  ]);
  expect(routesOf('email', critical, { preferences: [late], defaults: nobody }, now)[0]?.notBefore).toBe(now);
});

describe('instead of an SMS', () => {
  const defaults = { email: ['ops@acme.example'], sms: [], slack: ['default'] };

  test('the owner of the number is told by their next channel', () => {
    expect(insteadOfSms('+4915110000001', [ada], defaults)).toEqual([
      { channel: 'email', recipient: 'ada@acme.example' },
    ]);
    expect(insteadOfSms('+4915110000001', [{ ...ada, slack: 'team' }], defaults)).toEqual([
      { channel: 'slack', recipient: 'team' },
    ]);
  });

  test('the default recipients are told if nobody owns the number', () => {
    expect(insteadOfSms('+1', [ada], defaults)).toEqual([{ channel: 'slack', recipient: 'default' }]);
    expect(insteadOfSms('+1', [], { ...defaults, slack: [] })).toEqual([
      { channel: 'email', recipient: 'ops@acme.example' },
    ]);
    expect(insteadOfSms('+1', [], nobody)).toEqual([]);
  });
});
