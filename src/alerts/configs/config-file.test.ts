import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readRule } from '../rules/read-rule.ts';
import type { Rule } from '../rules/rule.ts';
import type { AlertConfig } from './alert-configs.ts';
import { readConfigFile, writeConfigFile } from './config-file.ts';

function ruleOf(changes: object): Rule {
  const rule = readRule(
    { name: 'r', metric: 'usage.error_rate', type: 'threshold_above', threshold: 0.5, ...changes },
    { allOrgs: false },
  );
  if (Array.isArray(rule)) throw new Error(JSON.stringify(rule));
  return rule;
}

function configOf(rule: Rule): AlertConfig {
  return {
    ...rule,
    id: '00000000-0000-4000-8000-000000000000',
    orgId: 'acme',
    version: 1,
    createdAt: '',
    createdBy: '',
    updatedAt: '',
    updatedBy: '',
    silencedUntil: null,
    nextEvaluationAt: '',
    waitingSince: null,
    lastEvaluatedAt: null,
    failure: null,
    openAlerts: 0,
    builtIn: null,
  };
}

/** Values that other formats read as another type, and text as people write it. */
const text = fc.oneof(
  fc.constantFrom(
    'on',
    'null',
    '~',
    '1e3',
    '0x10',
    '2026-01-01',
    '- a',
    'a: b #c',
    '*x',
    '!!str',
    '<<',
    ' a ',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
);
const line = text.filter((one) => one.trim() !== '' && !/[\p{Cc}\u2028\u2029]/u.test(one));

test('a rule reads back from a file as it was written', async () => {
  const rule = fc.record({
    name: line,
    description: line,
    filters: fc.dictionary(fc.constantFrom('modelId', 'clientId'), line),
    threshold: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    channels: fc.constantFrom(
      [],
      [
        { channel: 'email', to: 'a@example.com' },
        { channel: 'in_app', to: 'on' },
      ],
    ),
  });
  await fc.assert(
    fc.asyncProperty(rule, async (given) => {
      const written = ruleOf(given);
      const { rules: read } = await readConfigFile(
        writeConfigFile([configOf(written)]),
        null,
        () => true,
        'test',
      );
      expect(read).toEqual([{ orgId: 'acme', rule: written }]);
    }),
    { numRuns: 300 },
  );
});

test('more rules than a file may be read with are not written', () => {
  const configs = Array.from({ length: 10_001 }, () => configOf(ruleOf({})));
  expect(() => writeConfigFile(configs)).toThrow(/There are more than 10000 rules; export them org by org/);
});
