/** The dashboards, as far as they can be tested without a Grafana. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { forSharing } from '../../scripts/dashboards/share.ts';
import { type DashboardFile, lintRules, selectorsOf } from './lint.ts';

const folder = join(import.meta.dirname, '../../dashboards');
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));

function read(name: string): DashboardFile {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'));
}

const metricsPage = readFileSync(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8');

/** Whether a name of PromQL is one that `/metrics` has; a histogram has three names. */
function isOurs(metric: string): boolean {
  const histogram = metric.replace(/_(bucket|count|sum)$/, '');
  return (
    metricsPage.includes(`\`${metric}\``) ||
    metricsPage.includes(`\`${histogram}\` | histogram`) ||
    /^tidemark_(process|nodejs)_/.test(metric)
  );
}

test('there are four, each with a uid of its own', () => {
  expect(names.map((name) => read(name).uid).sort()).toEqual([
    'tidemark-alerts-and-notices',
    'tidemark-reliability',
    'tidemark-service',
    'tidemark-usage',
  ]);
});

describe.each(names)('%s', (name) => {
  const dashboard = read(name);

  test.each(Object.keys(lintRules))('%s', (rule) => {
    expect(lintRules[rule]?.(dashboard)).toEqual([]);
  });

  test('is set up as all of them', () => {
    expect(dashboard).toMatchObject({
      id: null,
      schemaVersion: 41,
      timezone: 'browser',
      graphTooltip: 1,
      tags: ['tidemark'],
      refresh: '1m',
      links: [{ type: 'dashboards', tags: ['tidemark'] }],
    });
    expect(dashboard).not.toHaveProperty('__inputs');
    expect(JSON.stringify(dashboard.panels)).not.toContain('tidemark-prometheus');
  });

  test('names metrics that there are', () => {
    const metrics = dashboard.panels
      .flatMap(({ targets = [] }) => targets)
      .flatMap(({ expr }) => (expr === undefined ? [] : selectorsOf(expr)))
      .map(({ metric }) => metric);
    expect(metrics.filter((metric) => metric !== 'ALERTS' && !isOurs(metric))).toEqual([]);
  });

  test('for sharing, asks for its data source and says which plugins it needs', () => {
    const shared = forSharing(dashboard as never) as Record<string, never[]> & DashboardFile;
    const type = dashboard.templating.list[0]?.query;
    expect(shared.__inputs).toMatchObject([{ name: 'DS_TIDEMARK', type: 'datasource', pluginId: type }]);
    expect(shared.__requires).toContainEqual(expect.objectContaining({ type: 'datasource', id: type }));
    for (const panel of dashboard.panels) {
      expect(shared.__requires).toContainEqual(expect.objectContaining({ type: 'panel', id: panel.type }));
    }
    const text = JSON.stringify(shared.panels) + JSON.stringify(shared.templating);
    expect(text).toContain('${DS_TIDEMARK}');
    expect(text).not.toContain('${datasource}');
  });
});

describe('a rule finds what it is for', () => {
  const change = (edit: (dashboard: DashboardFile) => void): DashboardFile => {
    const copy = read('service.json');
    edit(copy);
    return copy;
  };
  const panel = (dashboard: DashboardFile) => {
    const [first] = dashboard.panels;
    if (!first?.targets?.[0]) throw new Error('service.json has no panel with a query');
    return { first, target: first.targets[0] };
  };
  const withExpr = (expr: string) =>
    change((dashboard) => {
      panel(dashboard).target.expr = expr;
    });
  const own = '{job=~"$job", instance=~"$instance"}';
  const broken: Record<string, DashboardFile> = {
    'template-datasource': change((it) => it.templating.list.shift()),
    'template-job': change((it) => it.templating.list.splice(1, 1)),
    'template-instance': change((it) => it.templating.list.pop()),
    'template-label-promql': change((it) => Object.assign(it.templating.list[1] ?? {}, { query: 'up' })),
    'template-on-time-change-reload': change((it) =>
      Object.assign(it.templating.list[1] ?? {}, { refresh: 1 }),
    ),
    'uneditable-dashboard': change((it) => Object.assign(it, { editable: true })),
    'panel-datasource': change((it) => {
      panel(it).target.datasource = { type: 'prometheus', uid: 'tidemark-prometheus' };
    }),
    'panel-title-description': change((it) => Object.assign(panel(it).first, { description: '' })),
    'panel-units': change((it) => Object.assign(panel(it).first.fieldConfig.defaults, { unit: 'furlongs' })),
    'panel-no-targets': change((it) => Object.assign(panel(it).first, { targets: [] })),
    'target-promql': withExpr(`sum(tidemark_queue_events${own}`),
    'target-rate-interval': withExpr(`sum(rate(tidemark_ingest_events_total${own}[1m]))`),
    'target-job': withExpr('sum(tidemark_queue_events{instance=~"$instance"})'),
    'target-instance': withExpr('sum(tidemark_queue_events{job=~"$job"})'),
    'target-counter-agg': withExpr(`sum(tidemark_ingest_events_total${own})`),
    'unique-ids': change((it) => Object.assign(panel(it).first, { id: 2 })),
    'panels-in-24-columns': change((it) => Object.assign(panel(it).first.gridPos, { w: 25 })),
    'panels-apart': change((it) => Object.assign(panel(it).first.gridPos, { x: 6 })),
  };

  test.each(Object.keys(lintRules))('%s', (rule) => {
    const dashboard = broken[rule];
    expect(dashboard && lintRules[rule]?.(dashboard)).not.toEqual([]);
    expect(dashboard).toBeDefined();
  });
});
