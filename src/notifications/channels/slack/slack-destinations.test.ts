import { expect, test } from 'vitest';
import { loadConfig } from '../../../config.ts';
import { faultOfSlackName, knownSlackNames, slackUrls } from './slack-destinations.ts';

function known(env: Record<string, string>) {
  return knownSlackNames(loadConfig(env))('acme');
}

test('a process that sends, or has a Slack webhook, knows all destinations', () => {
  const ops = { SLACK_WEBHOOKS: 'ops=https://hooks.slack.example/ops' };
  expect(known({ ROLES: 'api', ...ops })).toEqual(['ops']);
  expect(known({ ROLES: 'api', ...ops, SLACK_ANALYTICS_WEBHOOK: 'https://hooks.slack.example/a' })).toEqual([
    'analytics',
    'ops',
  ]);
  expect(known({})).toEqual([]);
  expect(known({ ROLES: 'api,ingest' })).toBeUndefined();
});

test('the destination of an org is unknown to every other org', () => {
  const config = loadConfig({
    SLACK_WEBHOOKS:
      'ops=https://s.example/ops,acme/alerts=https://s.example/acme,globex/alerts=https://s.example/globex,globex/ops=https://s.example/own',
  });
  const names = knownSlackNames(config);
  expect(['acme', 'globex', 'initech', null].map((org) => names(org))).toEqual([
    ['alerts', 'ops'],
    ['alerts', 'ops'],
    ['ops'],
    ['ops'],
  ]);
  const urlOf = slackUrls(config);
  expect(urlOf?.('alerts', 'acme')).toBe('https://s.example/acme');
  expect(urlOf?.('alerts', 'globex')).toBe('https://s.example/globex');
  expect(urlOf?.('alerts', 'initech')).toBeUndefined();
  expect(urlOf?.('alerts', null)).toBeUndefined();
  expect(urlOf?.('ops', 'globex')).toBe('https://s.example/own');
  expect(urlOf?.('ops', null)).toBe('https://s.example/ops');
});

test('a name is wrong only where it is known not to exist', () => {
  expect(faultOfSlackName('ops', ['ops'])).toBeUndefined();
  expect(faultOfSlackName('ops', undefined)).toBeUndefined();
  expect(faultOfSlackName('ops', ['a', 'b'])).toBe('is no Slack webhook; use one of: a, b');
  expect(faultOfSlackName('ops', [])).toContain('SLACK_WEBHOOKS');
});
