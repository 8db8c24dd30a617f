import { describe, expect, test } from 'vitest';
import { makeNotice } from '../../../../tests/support/alerting/notices.ts';
import { statementOf } from '../../notice/statement.ts';
import { textOf } from './sms-text.ts';

describe('a statement says the value and the threshold', () => {
  test.each([
    [{}, 'usage.error_rate is 7.3 %, above 5 %'],
    [
      { kind: 'resolved', reason: 'within_threshold', value: 0.01 },
      'usage.error_rate is 1 %, no longer above 5 %',
    ],
    [
      { type: 'threshold_below', reason: 'below_threshold', value: 0.01 },
      'usage.error_rate is 1 %, below 5 %',
    ],
    [
      { type: 'rate_of_change', reason: 'changed_too_much', threshold: 50, baseline: 0.02 },
      'usage.error_rate is 7.3 %, changed by more than 50 %, from 2 %',
    ],
    [
      { type: 'anomaly', reason: 'unusual', threshold: 4, baseline: 0.02 },
      'usage.error_rate is 7.3 %, unusually higher than the usual 2 %',
    ],
    [
      { type: 'anomaly', kind: 'resolved', reason: 'within_threshold', baseline: 0.02 },
      'usage.error_rate is 7.3 %, back to the usual',
    ],
    [
      { type: 'anomaly', kind: 'resolved', reason: 'change_too_small', baseline: 0.07 },
      'usage.error_rate is 7.3 %, a change that is too small to count',
    ],
    [
      { value: null, reason: 'no_data_alerts' },
      'usage.error_rate has no data, and the rule alerts on missing data',
    ],
    [
      { value: null, kind: 'resolved', reason: 'no_data_is_ok' },
      'usage.error_rate has no data, and the rule treats missing data as right',
    ],
  ] as const)('%j', (given, statement) => {
    expect(statementOf(makeNotice(given))).toBe(statement);
  });
});

describe('a statement says that the value has not reached the recovery threshold', () => {
  const kind = 'still_firing';
  const reason = 'not_recovered';
  test.each([
    [
      { value: 0.03, recoveryThreshold: 0.02 },
      'usage.error_rate is 3 %, no longer above 5 %, but not back at 2 % yet',
    ],
    [
      { type: 'threshold_below', value: 0.07, recoveryThreshold: 0.1 },
      'usage.error_rate is 7 %, no longer below 5 %, but not back at 10 % yet',
    ],
    [
      { type: 'rate_of_change', threshold: 50, recoveryThreshold: 20, value: 0.03, baseline: 0.02 },
      'usage.error_rate is 3 %, no longer changed by more than 50 %, but not back at 20 % yet, from 2 %',
    ],
    [
      { type: 'anomaly', threshold: 4, recoveryThreshold: 2, value: 0.03, baseline: 0.02 },
      'usage.error_rate is 3 %, less unusual than before, but not back to the usual yet',
    ],
  ] as const)('%j', (given, statement) => {
    expect(statementOf(makeNotice({ kind, reason, ...given }))).toBe(statement);
  });
});

describe('without a value now, a statement names the last wrong one and the reason', () => {
  test.each([
    ['no_data', 'no data since then'],
    ['query_failed', 'the current value could not be read'],
    ['too_few_samples', 'too few samples since then'],
    ['current_bucket_incomplete', 'newer data is not complete yet'],
    ['no_previous_value', 'the current value has no earlier one to be compared with'],
    ['warming_up', 'too few earlier values are known now'],
  ] as const)('%s', (reason, why) => {
    for (const kind of ['firing', 'still_firing', 'escalated'] as const) {
      expect(statementOf(makeNotice({ kind, reason }))).toBe(`usage.error_rate was 7.3 %, above 5 %; ${why}`);
    }
  });

  test('the last wrong state may have been a lack of data', () => {
    expect(statementOf(makeNotice({ kind: 'still_firing', reason: 'query_failed', value: null }))).toBe(
      'usage.error_rate had no data, and the rule alerts on missing data; the current value could not be read',
    );
  });
});

describe('a statement names the person or change that ended the alert', () => {
  const was = '; usage.error_rate was 7.3 %, above 5 %';
  test.each([
    [{ reason: 'by_person' }, 'resolved by eve'],
    [{ reason: 'by_person', note: 'rolled back' }, 'resolved by eve: "rolled back"'],
    [{ reason: 'rule_disabled' }, 'the rule was disabled by eve'],
    [{ reason: 'rule_deleted' }, 'the rule was deleted by eve'],
    [{ reason: 'rule_changed' }, 'the rule was changed by eve, and now watches something else'],
  ] as const)('%j', (given, statement) => {
    const notice = makeNotice({ kind: 'resolved', actorId: 'eve', ...given });
    expect(statementOf(notice)).toBe(statement + was);
    expect(textOf({ notice })).toContain(statement);
  });

  test('a statement with a long note fits one segment of an SMS', () => {
    const notice = makeNotice({
      kind: 'resolved',
      reason: 'by_person',
      actorId: 'eve',
      note: 'because '.repeat(200),
    });
    const text = textOf({ notice });
    expect(text).toMatch(
      /^RESOLVED CRITICAL acme: Failing answers \(model gpt-4o\)\. resolved by eve: "because/,
    );
    expect(text.length).toBeLessThanOrEqual(160);
  });
});
