import { expect, test } from 'vitest';
import { loadConfig } from '../../config.ts';
import { faultOfSlackName, knownSlackNames } from './slack-destinations.ts';

function known(env: Record<string, string>) {
  return knownSlackNames(loadConfig(env));
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

test('a name is wrong only where it is known not to exist', () => {
  expect(faultOfSlackName('ops', ['ops'])).toBeUndefined();
  expect(faultOfSlackName('ops', undefined)).toBeUndefined();
  expect(faultOfSlackName('ops', ['a', 'b'])).toBe('names no Slack webhook; there are: a, b');
  expect(faultOfSlackName('ops', [])).toContain('SLACK_WEBHOOKS');
});
