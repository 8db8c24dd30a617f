/** Builds panels, and puts them on the 24 columns of a dashboard. */
import {
  type Dashboard,
  type DataSourceRef,
  type Panel,
  ThresholdsMode,
  type VariableModel,
} from '@grafana/schema';

/** The kind of data source a dashboard reads, by the name Grafana has for it. */
export type SourceType = 'prometheus' | 'grafana-postgresql-datasource';

/** What a query asks for; a panel takes its data source from the variable of the dashboard. */
export interface Query {
  /** PromQL, or SQL. */
  text: string;
  /** The name of each line, for PromQL. SQL names lines by its column `metric`. */
  legend?: string;
}

export interface PanelContent {
  title: string;
  description: string;
  /** As Grafana names it: `s`, `reqps`, `percentunit`. */
  unit: string;
  queries: readonly Query[];
  type?: 'timeseries' | 'stat' | 'table';
  /** Of 24 columns; 12 by default. */
  width?: number;
  height?: number;
  /** Puts what happened in each interval on top of each other, as bars. */
  stacked?: true;
  /** Colours from these values on. */
  thresholds?: { warning: number; critical: number };
  /** The lowest interval a query is asked at. */
  interval?: string;
}

const COLUMNS = 24;

/** The data source that the person at the dashboard has chosen. */
function sourceOf(type: SourceType): DataSourceRef {
  return { type, uid: '${datasource}' };
}

function optionsOf(type: 'timeseries' | 'stat' | 'table'): Record<string, unknown> {
  if (type === 'table') return { showHeader: true };
  if (type === 'timeseries')
    return {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
      tooltip: { mode: 'multi', sort: 'desc' },
    };
  return {
    colorMode: 'value',
    graphMode: 'area',
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
  };
}

function targetsOf(type: SourceType, content: PanelContent): Record<string, unknown>[] {
  return content.queries.map(({ text, legend }, index) => {
    const common = { refId: String.fromCharCode(65 + index), datasource: sourceOf(type) };
    if (type === 'prometheus') return { ...common, expr: text, legendFormat: legend ?? '' };
    const format = content.type === 'table' ? 'table' : 'time_series';
    return { ...common, format, rawQuery: true, editorMode: 'code', rawSql: text };
  });
}

function thresholdSteps({ warning, critical }: { warning: number; critical: number }) {
  return [
    { color: 'green', value: null },
    { color: 'orange', value: warning },
    { color: 'red', value: critical },
  ];
}

function panelOf(type: SourceType, content: PanelContent, id: number, gridPos: Panel['gridPos']): Panel {
  const kind = content.type ?? 'timeseries';
  const { thresholds } = content;
  return {
    id,
    type: kind,
    title: content.title,
    description: content.description,
    datasource: sourceOf(type),
    ...(gridPos && { gridPos }),
    fieldConfig: {
      defaults: {
        unit: content.unit,
        ...(kind !== 'table' && { min: 0 }),
        ...(kind === 'timeseries' && {
          custom: content.stacked
            ? {
                drawStyle: 'bars',
                fillOpacity: 60,
                lineWidth: 0,
                stacking: { mode: 'normal', group: 'A' },
              }
            : { drawStyle: 'line', fillOpacity: 10, lineWidth: 1, showPoints: 'never' },
        }),
        ...(thresholds && {
          thresholds: { mode: ThresholdsMode.Absolute, steps: thresholdSteps(thresholds) },
        }),
      },
      overrides: [],
    },
    options: optionsOf(kind),
    targets: targetsOf(type, content),
    ...(content.interval !== undefined && { interval: content.interval }),
  };
}

/** Panels from left to right, row by row; a row is as high as its highest panel. */
function layOut(type: SourceType, contents: readonly PanelContent[]): Panel[] {
  let [x, y, rowHeight] = [0, 0, 0];
  return contents.map((content, index) => {
    const { width = 12, height = 8 } = content;
    if (x + width > COLUMNS) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const gridPos = { x, y, w: width, h: height };
    x += width;
    rowHeight = Math.max(rowHeight, height);
    return panelOf(type, content, index + 1, gridPos);
  });
}

/** A variable that the data source fills; it is asked again when the range of time changes. */
export function queriedVariable(
  type: SourceType,
  given: { name: string; label: string; query: string; all: boolean },
): VariableModel {
  return {
    type: 'query',
    name: given.name,
    label: given.label,
    datasource: sourceOf(type),
    query: type === 'prometheus' ? { query: given.query, refId: given.name } : given.query,
    ...(type === 'prometheus' && { definition: given.query }),
    refresh: 2,
    sort: given.all ? 1 : 0,
    multi: given.all,
    includeAll: given.all,
    ...(given.all && { current: { text: ['All'], value: ['$__all'] } }),
    ...(given.all && type === 'prometheus' && { allValue: '.+' }),
  };
}

const DEFAULT_SOURCES = {
  prometheus: 'tidemark-prometheus',
  'grafana-postgresql-datasource': 'tidemark-postgres',
} as const;

/** What is the same on every dashboard of Tidemark. */
export function dashboardOf(
  given: Pick<Dashboard, 'title' | 'description' | 'time'> & {
    uid: string;
    source: SourceType;
    variables: readonly VariableModel[];
    panels: readonly PanelContent[];
  },
): Dashboard {
  const { source, variables, panels, ...said } = given;
  const chosen = DEFAULT_SOURCES[source];
  return {
    id: null,
    ...said,
    tags: ['tidemark'],
    timezone: 'browser',
    editable: false,
    graphTooltip: 1,
    schemaVersion: 41,
    refresh: '1m',
    links: [
      {
        title: 'Tidemark',
        type: 'dashboards',
        tags: ['tidemark'],
        asDropdown: true,
        includeVars: false,
        keepTime: true,
        targetBlank: false,
        icon: 'external link',
        tooltip: 'The other dashboards of Tidemark',
        url: '',
      },
    ],
    templating: {
      list: [
        {
          type: 'datasource',
          name: 'datasource',
          label: 'Data source',
          query: source,
          current: { text: chosen, value: chosen },
          refresh: 1,
          hide: 0,
        },
        ...variables,
      ],
    },
    annotations: { list: [] },
    panels: layOut(source, panels),
  };
}
