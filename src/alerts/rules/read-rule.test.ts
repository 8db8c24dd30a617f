import { describe, expect, test } from 'vitest';
import { watchableMetrics } from './metrics.ts';
import { readRule } from './read-rule.ts';

const right = { name: 'Errors', metric: 'usage.error_rate', type: 'threshold_above', threshold: 0.05 };

function faultsOf(changes: object, allOrgs = false): string[] {
  const read = readRule({ ...right, ...changes }, { allOrgs });
  return Array.isArray(read) ? read.map(({ path, message }) => `${path} ${message}`) : [];
}

test('a field that is left out gets its default', () => {
  expect(readRule(right, { allOrgs: false })).toMatchObject({
    ...right,
    filters: {},
    groupBy: [],
    windowSeconds: 300,
    forSeconds: 0,
    recoverySeconds: 0,
    intervalSeconds: 60,
    minimumSamples: 1,
    cooldownSeconds: 3_600,
    severity: 'warning',
    noData: 'keep',
    channels: [],
    enabled: true,
  });
});

test('recoverySeconds defaults to forSeconds, and an anomaly has its own window and threshold', () => {
  expect(readRule({ ...right, forSeconds: 120 }, { allOrgs: false })).toMatchObject({ recoverySeconds: 120 });
  const anomaly = { name: 'Odd', metric: 'usage.latency_p95', type: 'anomaly' };
  expect(readRule(anomaly, { allOrgs: false })).toMatchObject({ windowSeconds: 900, threshold: 3.5 });
});

test('every metric of the catalogue can be watched, in its own unit and range', () => {
  expect([...watchableMetrics.keys()]).toEqual(
    expect.arrayContaining([
      'usage.error_rate',
      'usage.latency_p95',
      'usage.cost',
      'api.error_rate',
      'ml.success_rate',
      'business.revenue',
      'freshness.lag_seconds',
      'prometheus',
    ]),
  );
  for (const { name, unit } of watchableMetrics.values()) expect(unit, name).toBeTruthy();
});

describe('a fault names the field and what is allowed', () => {
  test.each([
    [{ metric: 'usage.eror_rate' }, '$.metric is not a known metric; did you mean usage.error_rate?'],
    [{ metric: 'latency_p95' }, '$.metric is not a known metric; did you mean usage.latency_p95?'],
    [
      { metric: 'temperature' },
      '$.metric is not a known metric; GET /api/v1/analytics/alerts/metrics lists them',
    ],
    [{ treshold: 1 }, '$.treshold is not a field of a rule; did you mean threshold?'],
    [{ threshold: undefined }, '$.threshold is required'],
    [{ threshold: '0.05' }, '$.threshold must be a number'],
    [
      { threshold: 5 },
      '$.threshold must be a share from 0 to 1 (0.05 is 5 %): usage.error_rate is a share; for 5 % give 0.05',
    ],
    [{ threshold: -1 }, '$.threshold must be a share from 0 to 1 (0.05 is 5 %): usage.error_rate is a share'],
    [
      { threshold: 1 },
      '$.threshold can never be met: usage.error_rate is never above 1, because it is a share from 0 to 1 (0.05 is 5 %); give less than 1',
    ],
    [
      { metric: 'usage.success_rate', type: 'threshold_below', threshold: 0 },
      '$.threshold can never be met: usage.success_rate is never below 0, because it is a share from 0 to 1 (0.05 is 5 %); give more than 0',
    ],
    [
      { metric: 'usage.count', type: 'threshold_below', threshold: 0 },
      '$.threshold can never be met: usage.count is never below 0; give more than 0',
    ],
    [
      { metric: 'usage.count', type: 'threshold_below', threshold: -1 },
      '$.threshold must be 0 or more: usage.count is in count',
    ],
    [
      { metric: 'usage.count', type: 'rate_of_change', threshold: -100 },
      '$.threshold can never be met: usage.count is never below 0, so it falls by 100 % at most; give more than -100',
    ],
    [
      { metric: 'usage.count', threshold: 5, recoveryThreshold: -1 },
      '$.recoveryThreshold must be 0 or more: usage.count is in count',
    ],
    [{ metric: 'usage.cost', threshold: -1 }, '$.threshold must be 0 or more: usage.cost is in cents'],
    [
      { windowSeconds: 30 },
      '$.windowSeconds must be a multiple of 60 from 60 (1 min) to 86400 (24 h): numbers are kept by the minute',
    ],
    [
      { type: 'anomaly', threshold: 3, windowSeconds: 300 },
      '$.windowSeconds must be a multiple of 900 from 900 (15 min) to 86400 (24 h): finer history is not kept for weeks',
    ],
    [{ intervalSeconds: 1 }, '$.intervalSeconds must be a whole number of seconds from 5 to 86400'],
    [{ recoveryThreshold: 0.1 }, '$.recoveryThreshold must be 0.05 (the threshold) or less'],
    [
      { filters: { model: 'x' } },
      '$.filters.model is not a dimension of usage.error_rate; did you mean modelId?',
    ],
    [
      { groupBy: ['org'] },
      '$.groupBy.0 org needs a rule over all orgs, which an admin creates without an orgId',
    ],
    [
      { metric: 'business.revenue', type: 'threshold_below', threshold: 1_000 },
      '$.filters.currency must name a currency, or groupBy must contain currency: amounts of different currencies have no sum',
    ],
    [
      { metric: 'inventory.quantity', type: 'threshold_below', threshold: 5 },
      '$.filters.sku must name a product, or groupBy must contain sku: stock levels of different products have no sum',
    ],
    [{ metric: 'prometheus' }, '$.expression is required for the metric prometheus'],
    [
      { metric: 'prometheus', expression: 'rate(x[5m' },
      '$.expression is not valid PromQL: it ends too early, at character 10',
    ],
    [
      { metric: 'prometheus', expression: 'x[5m]' },
      '$.expression gives a range of values for each series, not one value: put a function around it, such as rate(…)',
    ],
    ...['(x[5m])', 'x[5m] offset 1h', 'rate(x[5m])[1h:1m]', '(x[5m] @ 0)'].map(
      (expression): [object, string] => [
        { metric: 'prometheus', expression },
        '$.expression gives a range of values for each series, not one value: put a function around it, such as rate(…)',
      ],
    ),
    [{ metric: 'prometheus', expression: '("x")' }, '$.expression gives a text, not a number'],
    [{ expression: 'up' }, '$.expression is allowed only for the metric prometheus; leave it out'],
    [
      { metric: 'freshness.lag_seconds', type: 'anomaly', threshold: 3 },
      '$.type anomaly needs earlier values, and none of freshness.lag_seconds are kept; use threshold_above',
    ],
    [
      { type: 'rate_of_change', threshold: 0 },
      '$.threshold is a change in percent: above 0 for a rise, from -100 to below 0 for a fall',
    ],
    [{ severity: 'urgent' }, '$.severity must be one of info, warning, critical'],
    [
      { name: 'x\r\nBcc: all@example.com' },
      '$.name must be one line of 1 to 120 characters, without control characters',
    ],
    [
      { channels: [{ channel: 'slack', to: 'https://hooks.slack.com/services/T/B/x' }] },
      '$.channels must be for slack as "to": the name of a destination (a-z, 0-9, - and _); a web address is a secret and is not allowed here',
    ],
    [
      { channels: [{ channel: 'email', to: 'a@example.com\r\nBcc: b@example.com' }] },
      '$.channels must be for email as "to": an email address, such as oncall@example.com',
    ],
    [
      { channels: [{ channel: 'sms', to: '0151 123' }] },
      '$.channels must be for sms as "to": a phone number in international form, such as +4915112345678',
    ],
  ])('%j', (changes, fault) => {
    expect(faultsOf(changes)).toEqual([fault]);
  });
});

test('a stored rule of an earlier version may have a threshold that no value reaches', () => {
  const old = { ...right, threshold: 1, recoveryThreshold: -1 };
  expect(readRule(old, { allOrgs: false, isStored: true })).toMatchObject({ threshold: 1 });
});

test('a threshold at a bound of the metric is taken if a value can be past it', () => {
  expect(faultsOf({ threshold: 0 })).toEqual([]);
  expect(faultsOf({ metric: 'usage.success_rate', type: 'threshold_below', threshold: 1 })).toEqual([]);
  expect(faultsOf({ metric: 'service.quota_share', threshold: 1 }, true)).toEqual([]);
});

test('all faults are named at once', () => {
  expect(faultsOf({ severity: 'bad', intervalSeconds: 0, color: 'red' })).toHaveLength(3);
});

test('any input is read as a rule or as faults', () => {
  for (const input of [null, 1, 'x', [], [right], { ...right, filters: [] }, { ...right, channels: {} }]) {
    expect(Array.isArray(readRule(input, { allOrgs: true }))).toBe(true);
  }
});

describe('how often people are told', () => {
  const base = { name: 'r', metric: 'usage.count', type: 'threshold_above', threshold: 1 };
  test.each([
    ['a rule that says nothing', {}, [3_600, 3_600]],
    ['a critical rule that says nothing', { severity: 'critical' }, [300, 3_600]],
    ['a rule with a cooldown alone, as files of earlier versions have', { cooldownSeconds: 900 }, [900, 900]],
    ['a rule that was told once in earlier versions', { cooldownSeconds: 0 }, [0, 0]],
    ['a rule with both', { cooldownSeconds: 0, repeatSeconds: 60 }, [0, 60]],
  ])('%s', (_, given, [cooldownSeconds, repeatSeconds]) => {
    expect(readRule({ ...base, ...given }, { allOrgs: false })).toMatchObject({
      cooldownSeconds,
      repeatSeconds,
    });
  });
});
