/** The rules for Prometheus: each fires on what it is for, and on nothing close to it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump, load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { documents } from '../docs/documents.ts';
import { skipUnless } from '../support/skip-unless.ts';
import { isPromql, selectorsOf } from './lint.ts';
import { type RuleFixture, ruleFixtures } from './rule-fixtures.ts';

interface AlertRule {
  alert: string;
  expr: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

interface RulesFile {
  groups: { name: string; rules: AlertRule[] }[];
}

const root = join(import.meta.dirname, '../..');
const path = join(root, 'dashboards/alerts.yml');
const file = load(readFileSync(path, 'utf8')) as RulesFile;
const rules = file.groups.flatMap((group) => group.rules);
const runbook = documents.find((document) => document.path === 'docs/runbooks/incident-response.md');
const havePromtool = spawnSync('promtool', ['--version']).status === 0;

/** One test of promtool: which alerts of the rule fire at the end of the series. */
function promtoolTest(
  alert: string,
  { at, interval = '1m' }: RuleFixture,
  series: RuleFixture['firing'],
  labels: Record<string, string>[],
) {
  return {
    interval,
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: [
      {
        expr: `ALERTS{alertname="${alert}", alertstate="firing"}`,
        eval_time: at,
        exp_samples: labels.map((of) => ({
          labels: `ALERTS{${Object.entries({ alertname: alert, alertstate: 'firing', ...of })
            .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
            .join(',')}}`,
          value: 1,
        })),
      },
    ],
  };
}

function runPromtool(tests: readonly object[], interval: string): { status: number | null; output: string } {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-rules-'));
  try {
    const test = join(folder, 'test.yml');
    writeFileSync(test, dump({ rule_files: [path], evaluation_interval: interval, tests }));
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', test], { encoding: 'utf8' });
    return { status, output: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('every rule', () => {
  test('is accepted by Prometheus', skipUnless(havePromtool, 'needs promtool'), () => {
    const { stdout, stderr, status } = spawnSync('promtool', ['check', 'rules', path], { encoding: 'utf8' });
    expect({ stdout, stderr, status }).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`${rules.length} rules`),
    });
  });

  test('is in the file of the operator too', () => {
    const resource = load(readFileSync(join(root, 'deploy/prometheus-rule.yaml'), 'utf8'));
    expect(resource).toMatchObject({
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      spec: file,
    });
  });

  test('has a fixture', () => {
    expect(Object.keys(ruleFixtures).sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });

  test('has a heading in the runbook, and every such heading a rule', () => {
    const headings = runbook?.anchors.filter((anchor) => anchor.startsWith('tidemark')) ?? [];
    expect(headings.sort()).toEqual(rules.map(({ alert }) => alert.toLowerCase()).sort());
  });

  test.each(rules)('$alert says all it must', ({ alert, expr, labels, annotations }) => {
    expect(isPromql(expr)).toBe(true);
    expect(['warning', 'critical']).toContain(labels.severity);
    expect(annotations.summary?.length).toBeGreaterThan(10);
    expect(annotations.description).toMatch(/^\S.{40,}\.$/s);
    expect(annotations.runbook_url).toMatch(
      new RegExp(`/docs/runbooks/incident-response\\.md#${alert.toLowerCase()}$`),
    );
    const [, dashboard] = /\/d\/tidemark-([\w-]+)$/.exec(annotations.dashboard_url ?? '') ?? [];
    expect(() => readFileSync(join(root, `dashboards/${dashboard}.json`))).not.toThrow();
  });

  test.each(rules)('$alert names metrics that there are', ({ expr }) => {
    const known = readFileSync(join(root, 'docs/metrics.md'), 'utf8');
    const unknown = selectorsOf(expr).filter(
      ({ metric }) =>
        metric !== 'up' &&
        !known.includes(`\`${metric.replace(/_count$/, '')}\``) &&
        !/^tidemark_process_/.test(metric),
    );
    expect(unknown).toEqual([]);
  });
});

// All of an interval at once: promtool takes longer to start than to run.
describe.each(['1m', '10m'])('the fixtures with a value each %s', (interval) => {
  const tests = rules.flatMap(({ alert, labels }) => {
    const fixture = ruleFixtures[alert];
    if (!fixture || (fixture.interval ?? '1m') !== interval) return [];
    return [
      promtoolTest(alert, fixture, fixture.firing, [{ ...fixture.labels, ...labels }]),
      promtoolTest(alert, fixture, fixture.quiet, []),
    ];
  });

  test(
    'make their rule fire, or are close to it and do not',
    skipUnless(havePromtool, 'needs promtool'),
    () => {
      expect(tests.length).toBeGreaterThan(0);
      expect(runPromtool(tests, interval)).toEqual({
        status: 0,
        output: expect.stringContaining('SUCCESS'),
      });
    },
  );
});
