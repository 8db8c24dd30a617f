import { expect, test } from 'vitest';
import { loadConfig } from '../../config.ts';
import { faultOfSlackName, knownSlackNames } from './slack-destinations.ts';

function known(env: Record<string, string>) {
  return knownSlackNames(loadConfig(env));
}

test('a process that sends, or has been given a webhook of Slack, knows them all', () => {
  const ops = { SLACK_WEBHOOKS: 'ops=https://hooks.slack.example/ops' };
  expect(known({ ROLES: 'api', ...ops })).toEqual(['ops']);
  expect(known({ ROLES: 'api', ...ops, SLACK_ANALYTICS_WEBHOOK: 'https://hooks.slack.example/a' })).toEqual([
    'analytics',
    'ops',
  ]);
  expect(known({})).toEqual([]);
  expect(known({ ROLES: 'api,ingest' })).toBeUndefined();
});

test('a name is wrong where it is known that there is none of it', () => {
  expect(faultOfSlackName('ops', ['ops'])).toBeUndefined();
  expect(faultOfSlackName('ops', undefined)).toBeUndefined();
  expect(faultOfSlackName('ops', ['a', 'b'])).toBe('is no Slack webhook; use one of: a, b');
  expect(faultOfSlackName('ops', [])).toContain('SLACK_WEBHOOKS');
});
