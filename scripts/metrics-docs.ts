/** Writes docs/metrics.md from the metrics that the service registers. `--check` only compares the file. */
import { createMetrics } from '../src/telemetry/metrics.ts';
import { writeGenerated } from './generated-file.ts';
import { code, codeList, markdownTable } from './markdown.ts';

const INTRODUCTION = `# Metrics

Tidemark answers \`/metrics\` in the Prometheus format. Values are in base units. No label takes a value that a caller can
make up. The endpoint needs no token: block it at your proxy if request counts must stay private.

\`npm run metrics-docs\` writes this page. To change it, edit \`src/telemetry/metrics/\`.`;

const CLOSING = `Tidemark also exposes the metrics of the process and of Node: memory, CPU, event-loop lag and garbage collection. Their
names begin with \`tidemark_process_\` and \`tidemark_nodejs_\`.

Next: [operating.md](operating.md) describes who scrapes these metrics, and \`dashboards/\` has a dashboard for Grafana.`;

interface Described {
  name: string;
  help: string;
  type: unknown;
  labelNames?: readonly string[];
}

const metrics = createMetrics();
// Registers the gauges that read their source on a scrape. Nothing scrapes here, so no source is needed.
for (const [name, register] of Object.entries(metrics)) {
  if (name.startsWith('observe')) (register as (source: unknown) => void)({});
}
const rows = (metrics.registry.getMetricsAsArray() as unknown as Described[])
  .filter(({ name }) => !/^tidemark_(process|nodejs)_/.test(name))
  .map(({ name, type, labelNames = [], help }) => [code(name), String(type), codeList(labelNames), help]);
const table = markdownTable(['name', 'kind', 'labels', 'meaning'], rows);

await writeGenerated('docs/metrics.md', `${INTRODUCTION}\n\n${table}\n\n${CLOSING}\n`, 'metrics-docs');
