import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeNotice } from '../../../../tests/support/alerting/notices.ts';
import { gsm, isGsm, ucs2 } from './alphabets.ts';
import { textOf } from './sms-text.ts';

test.each([
  ['Größe: 5 €', 'Größe: 5 €'],
  ['naïve café', 'naive café'],
  ['“quoted” – and…', '"quoted" - and...'],
  ['🔥 hot', ' hot'],
])('%s is sent as %s', (text, sent) => {
  expect(isGsm(text)).toBe(true);
  expect(gsm.write(text)).toBe(sent);
});

test('a text that is too long is cut and marked as cut', () => {
  expect(gsm.cut('abcdefghij', 10)).toBe('abcdefghij');
  expect(gsm.cut('abcdefghijk', 10)).toBe('abcdefg...');
  // Each of these characters takes the room of two.
  expect(gsm.cut('[[[[[', 9)).toBe('[[[...');
  expect(ucs2.cut('ab😀😀', 5)).toBe('ab😀…');
});

test.each(['日本語の回答', 'Ошибки ответов', 'ردود خاطئة', 'त्रुटि', 'łódź'])('%s stays readable', (name) => {
  expect(textOf({ notice: makeNotice({ name, orgId: 'acme' }) })).toBe(
    `CRITICAL acme: ${name} (model gpt-4o). usage.error_rate is 7.3 %, above 5 %`,
  );
});

test('the link follows where all of it fits into the segment', () => {
  const link = 'https://tidemark.example/console/alerts/0198f3a2-7f1e-7c51-9b0a-5d1f6c0a1b2c';
  expect(textOf({ notice: makeNotice({ name: 'Errors' }) }, link)).toBe(
    `CRITICAL acme: Errors (model gpt-4o). usage.error_rate is 7.3 %, above 5 % ${link}`,
  );
  expect(textOf({ notice: makeNotice({ name: 'Failing answers at night' }) }, link)).toMatch(/above 5 %$/);
  expect(textOf({ notice: makeNotice({ name: '日本' }) }, link)).toMatch(/above 5 %$/);
});

describe('whatever the names are, the text fits, and begins with the severity and the org', () => {
  test('in the GSM alphabet in one segment, in another script in three', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.dictionary(fc.string(), fc.string({ unit: 'binary', maxLength: 200 }), { maxKeys: 3 }),
        fc.double({ noNaN: true }),
        (name, group, value) => {
          const text = textOf({ notice: makeNotice({ name, group, value }) });
          expect(text).toMatch(/^CRITICAL acme: /);
          expect(text.isWellFormed()).toBe(true);
          if (isGsm(text) && gsm.write(text) === text) expect(gsm.roomOf(text)).toBeLessThanOrEqual(201);
          expect(text.length).toBeLessThanOrEqual(201);
        },
      ),
    );
  });

  test('a long name in the GSM alphabet is one segment', () => {
    const text = textOf({ notice: makeNotice({ name: 'Failing [answers] '.repeat(20) }) });
    expect(gsm.roomOf(text)).toBeLessThanOrEqual(160);
    expect(gsm.write(text)).toBe(text);
  });
});

test.each(['Failing answers of the large assistant ', 'Ошибочные ответы помощника '])(
  'of a long name, %s, the model and the statement stay',
  (name) => {
    const text = textOf({
      notice: makeNotice({ name: name.repeat(6).trim(), group: { model: 'gpt-4o-mini' } }),
    });
    expect(text).toContain('(model gpt-4o-mini). usage.error_rate is 7.3 %, above 5 %');
  },
);

describe('several alerts in one SMS', () => {
  const name = 'Failing answers of the large assistant at night';
  const of = (given: object) =>
    ['gpt-4o', 'gpt-4o-mini', 'claude-sonnet'].map((model) =>
      makeNotice({ name, group: { model }, ...given }),
    );
  const textOfAll = (given: object) => {
    const [notice = makeNotice(), ...others] = of(given);
    return textOf({ notice, others });
  };

  test('say the name of their rule once, so that there is room for what tells them apart', () => {
    const text = textOfAll({});
    expect(text).toMatch(/^CRITICAL acme: Failing answers .*: 3 alerts, 3 firing: /);
    expect(text).toMatch(/: model gpt-4o; model gpt-4o-mini; model claude-sonnet$/);
    expect(gsm.roomOf(text)).toBeLessThanOrEqual(160);
  });

  test.each([
    [
      { kind: 'acknowledged', reason: 'acknowledged', actorId: 'Eve (slack:ops)' },
      'ACK',
      '3 acknowledged by Eve (slack:ops)',
    ],
    [{ kind: 'resolved', reason: 'by_person', actorId: 'eve' }, 'RESOLVED', '3 resolved by eve'],
    [{ kind: 'resolved', reason: 'within_threshold' }, 'RESOLVED', '3 resolved'],
  ] as const)(
    'that are no call for help begin with their state and name who it was: %j',
    (given, word, said) => {
      const text = textOfAll(given);
      expect(text.startsWith(`${word} CRITICAL acme: `)).toBe(true);
      expect(text).toContain(`: 3 alerts, ${said}: model gpt-4o;`);
    },
  );
});
