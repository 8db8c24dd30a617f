import type { Dashboard } from '@grafana/schema';

/** Names that Grafana shows to whoever imports the dashboard. */
const sources: Record<string, { label: string; pluginName: string }> = {
  prometheus: { label: 'Prometheus', pluginName: 'Prometheus' },
  'grafana-postgresql-datasource': { label: 'PostgreSQL of Tidemark', pluginName: 'PostgreSQL' },
};

const panelNames: Record<string, string> = { timeseries: 'Time series', stat: 'Stat', table: 'Table' };

/** The same dashboard as grafana.com takes it: it asks for its data source, and says which plugins it needs. */
export function forSharing(dashboard: Dashboard): object {
  const [variable] = dashboard.templating?.list ?? [];
  const type = String(variable?.query);
  const source = sources[type];
  if (!source) throw new Error(`${dashboard.title}: no data source is known by ${type}`);
  const panelTypes = [...new Set(dashboard.panels?.map((panel) => panel.type))].sort();
  const text = JSON.stringify(dashboard).replaceAll('${datasource}', '${DS_TIDEMARK}');
  const { templating, ...rest } = JSON.parse(text) as Dashboard;
  return {
    __inputs: [
      {
        name: 'DS_TIDEMARK',
        label: source.label,
        description: '',
        type: 'datasource',
        pluginId: type,
        pluginName: source.pluginName,
      },
    ],
    __requires: [
      { type: 'grafana', id: 'grafana', name: 'Grafana', version: '12.2.0' },
      { type: 'datasource', id: type, name: source.pluginName, version: '1.0.0' },
      ...panelTypes.map((id) => ({ type: 'panel', id, name: panelNames[id] ?? id, version: '' })),
    ],
    ...rest,
    templating: { list: (templating?.list ?? []).filter(({ name }) => name !== 'datasource') },
  };
}
