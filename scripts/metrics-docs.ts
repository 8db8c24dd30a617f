/** Writes docs/metrics.md from the metrics that the service registers. `--check` only compares the file. */
import { Registry } from 'prom-client';
import { createOrgMetrics, MOST_PAIRS } from '../src/ingestion/org-metrics.ts';
import { createMetrics } from '../src/telemetry/metrics.ts';
import { writeGenerated } from './generated-file.ts';
import { code, codeList, markdownTable } from './markdown.ts';

const INTRODUCTION = `# Metrics

Tidemark answers \`/metrics\` in the Prometheus format. Values are in base units. No label takes a value that a caller can
make up. The endpoint needs no token: block it at your proxy if request counts must stay private.

\`npm run metrics-docs\` writes this page. To change it, edit \`src/telemetry/metrics/\`.`;

const PROCESS = `Tidemark also exposes the metrics of the process and of Node: memory, CPU, event-loop lag and garbage collection. Their
names begin with \`tidemark_process_\` and \`tidemark_nodejs_\`.`;

const OF_ORGS = `## Metrics of orgs

Tidemark answers \`/metrics/orgs\` with the usage of orgs and models. The page is off unless \`ORG_METRICS\` is \`on\`. It needs
the token or API key of an admin.

- Each process counts the usage that it has stored since it started. Scrape every process that takes events, and add them
  up. \`tidemark import\` is a process of its own, and nobody scrapes it.
- The page has the ${MOST_PAIRS} busiest pairs of org and model of the last minutes. The rest is the org \`other\` with the model
  \`other\`. A pair that takes a place begins at zero.
- Freshness is the same from every process.`;

const CLOSING =
  'Next: [operating.md](operating.md) describes who scrapes these metrics, and what to do with the dashboards for Grafana.';

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

function tableOf(registry: Registry): string {
  const rows = (registry.getMetricsAsArray() as unknown as Described[])
    .filter(({ name }) => !/^tidemark_(process|nodejs)_/.test(name))
    .map(({ name, type, labelNames = [], help }) => [code(name), String(type), codeList(labelNames), help]);
  return markdownTable(['name', 'kind', 'labels', 'meaning'], rows);
}

const ofOrgs = new Registry();
createOrgMetrics(ofOrgs);
const parts = [INTRODUCTION, tableOf(metrics.registry), PROCESS, OF_ORGS, tableOf(ofOrgs), CLOSING];
await writeGenerated('docs/metrics.md', `${parts.join('\n\n')}\n`, 'metrics-docs');
