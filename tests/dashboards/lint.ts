/** The rules of Grafana's dashboard-linter, as far as they concern files like ours, and some of our own. */
import { parser } from '@prometheus-io/lezer-promql';

export interface Target {
  expr?: string;
  rawSql?: string;
  datasource?: { type?: string; uid?: string };
}

export interface PanelFile {
  id: number;
  type: string;
  title?: string;
  description?: string;
  datasource?: { type?: string; uid?: string };
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig: { defaults: { unit?: string } };
  targets?: Target[];
}

interface Variable {
  name: string;
  type: string;
  label?: string;
  query: string | { query: string };
  datasource?: { uid?: string };
  refresh?: number;
  multi?: boolean;
  allValue?: string;
}

/** A dashboard as its file has it. */
export interface DashboardFile {
  uid: string;
  id: null;
  title: string;
  editable: boolean;
  schemaVersion: number;
  timezone: string;
  graphTooltip: number;
  refresh: string;
  tags: string[];
  links: unknown[];
  templating: { list: Variable[] };
  panels: PanelFile[];
}

type LintRule = (dashboard: DashboardFile) => string[];

const GRAFANA_UNITS = new Set('none short percentunit percent s ms bytes ops reqps currencyUSD'.split(' '));
const SOURCES = ['prometheus', 'grafana-postgresql-datasource'];
const COUNTER = /_(total|count|bucket|sum)$/;

function variableNamed(dashboard: DashboardFile, name: string): Variable | undefined {
  return dashboard.templating.list.find((variable) => variable.name === name);
}

function isOfPrometheus(dashboard: DashboardFile): boolean {
  return variableNamed(dashboard, 'datasource')?.query === 'prometheus';
}

function queryOf({ query }: Variable): string {
  return typeof query === 'string' ? query : query.query;
}

/** PromQL with the variables of Grafana filled in. */
function filledPromql(expr: string): string {
  return expr.replaceAll('$__rate_interval', '5m');
}

/** A selector of PromQL: its metric, its matchers, and the functions and aggregations around it, from inside out. */
interface Selector {
  metric: string;
  matchers: string;
  around: string[];
  range: string | undefined;
}

export function selectorsOf(expr: string): Selector[] {
  const found: Selector[] = [];
  const tree = parser.parse(filledPromql(expr));
  const text = (node: { from: number; to: number }) => filledPromql(expr).slice(node.from, node.to);
  tree.iterate({
    enter: (reference) => {
      if (reference.name !== 'VectorSelector') return;
      const { node } = reference;
      const name = node.getChild('Identifier');
      const matchers = node.getChild('LabelMatchers');
      const around: string[] = [];
      let range: string | undefined;
      for (let parent = node.parent; parent; parent = parent.parent) {
        if (parent.name === 'MatrixSelector') range = text(parent).replace(/^.*\[|\]$/g, '');
        const called = parent.getChild('FunctionIdentifier') ?? parent.getChild('AggregateOp');
        if (called) around.push(text(called));
      }
      found.push({
        metric: name ? text(name) : '',
        matchers: matchers ? text(matchers) : '',
        around,
        range,
      });
    },
  });
  return found;
}

function panelsSay(check: (panel: PanelFile) => string | false | undefined): LintRule {
  return ({ panels }) =>
    panels.flatMap((panel) => {
      const fault = check(panel);
      return fault ? [`${panel.title}: ${fault}`] : [];
    });
}

/** `ALERTS` is made by Prometheus itself, and has no labels of a target. */
function selectorsSay(check: (selector: Selector, expr: string) => string | false): LintRule {
  return (dashboard) =>
    dashboard.panels.flatMap(({ title, targets = [] }) =>
      targets.flatMap(({ expr }) =>
        expr === undefined
          ? []
          : selectorsOf(expr)
              .filter(({ metric }) => metric !== 'ALERTS')
              .flatMap((selector) => {
                const fault = check(selector, expr);
                return fault ? [`${title}: ${fault}`] : [];
              }),
      ),
    );
}

function templateOf(name: string): LintRule {
  return (dashboard) => {
    if (!isOfPrometheus(dashboard)) return [];
    const variable = variableNamed(dashboard, name);
    const right =
      variable?.type === 'query' &&
      variable.datasource?.uid === '${datasource}' &&
      variable.multi === true &&
      variable.allValue === '.+' &&
      variable.label !== undefined;
    return right ? [] : [`the variable ${name} is missing or not as it should be`];
  };
}

/** Every rule by its name: what it finds wrong. */
export const lintRules: Readonly<Record<string, LintRule>> = {
  'template-datasource': (dashboard) => {
    const variable = variableNamed(dashboard, 'datasource');
    const right = variable?.type === 'datasource' && SOURCES.includes(queryOf(variable));
    return right && dashboard.templating.list[0] === variable ? [] : ['no variable datasource comes first'];
  },
  'template-job': templateOf('job'),
  'template-instance': templateOf('instance'),
  'template-label-promql': (dashboard) =>
    isOfPrometheus(dashboard)
      ? dashboard.templating.list
          .filter(({ type }) => type === 'query')
          .filter((variable) => !/^label_values\(tidemark_\w+(\{[^}]*\})?, \w+\)$/.test(queryOf(variable)))
          .map(({ name }) => `the query of ${name} is not label_values(metric, label)`)
      : [],
  'template-on-time-change-reload': ({ templating }) =>
    templating.list
      .filter(({ type, refresh }) => type === 'query' && refresh !== 2)
      .map(({ name }) => `${name} is not asked again when the range changes`),
  'uneditable-dashboard': ({ editable }) => (editable === false ? [] : ['the dashboard can be edited']),
  'panel-datasource': panelsSay(
    ({ datasource, targets = [] }) =>
      [datasource, ...targets.map((target) => target.datasource)].some(
        (source) => source?.uid !== '${datasource}',
      ) && 'has a data source of its own',
  ),
  'panel-title-description': panelsSay(
    ({ title, description }) => (!title || !description) && 'has no title or no description',
  ),
  'panel-units': panelsSay(({ fieldConfig }) => {
    const { unit } = fieldConfig.defaults;
    return !GRAFANA_UNITS.has(unit ?? '') && `has the unit ${unit}`;
  }),
  'panel-no-targets': panelsSay(({ targets = [] }) => targets.length === 0 && 'asks for nothing'),
  'target-promql': (dashboard) =>
    dashboard.panels.flatMap(({ title, targets = [] }) =>
      targets
        .filter(({ expr }) => expr !== undefined && !isPromql(expr))
        .map(({ expr }) => `${title}: ${expr} is no PromQL`),
    ),
  'target-rate-interval': (dashboard) =>
    dashboard.panels.flatMap(({ title, targets = [] }) =>
      targets
        .filter(({ expr = '' }) => /\b(rate|irate|increase)\(/.test(expr) && !rangesAreGrafanas(expr))
        .map(() => `${title}: a rate over a range of its own`),
    ),
  'target-job': selectorsSay(({ matchers }) => !matchers.includes('job=~"$job"') && 'is not of the job'),
  'target-instance': selectorsSay(
    ({ matchers }) => !matchers.includes('instance=~"$instance"') && 'is not of the process',
  ),
  'target-counter-agg': selectorsSay(
    ({ metric, around }) =>
      COUNTER.test(metric) &&
      !['rate', 'irate', 'increase'].includes(around[0] ?? '') &&
      `shows the counter ${metric} itself`,
  ),
  'unique-ids': ({ panels }) =>
    new Set(panels.map(({ id }) => id)).size === panels.length ? [] : ['two panels have one id'],
  'panels-in-24-columns': panelsSay(
    ({ gridPos: { x, y, w, h } }) => (x < 0 || y < 0 || w < 1 || h < 1 || x + w > 24) && 'sticks out',
  ),
  'panels-apart': ({ panels }) =>
    panels.flatMap((one, index) =>
      panels
        .slice(index + 1)
        .filter((other) => overlap(one.gridPos, other.gridPos))
        .map((other) => `${one.title} lies over ${other.title}`),
    ),
};

function overlap(a: PanelFile['gridPos'], b: PanelFile['gridPos']): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

function rangesAreGrafanas(expr: string): boolean {
  return [...expr.matchAll(/\[([^\]]+)\]/g)].every(([, range]) => range === '$__rate_interval');
}

/** Whether it is PromQL as Prometheus parses it. */
export function isPromql(expr: string): boolean {
  let right = true;
  parser.parse(filledPromql(expr)).iterate({
    enter: ({ type }) => {
      if (type.isError) right = false;
    },
  });
  return right;
}
