/** Writes docs/metrics.md from the metrics the service registers; with `--check` it only says whether the file is up to date. */
import { Registry } from 'prom-client';
import { createOrgMetrics, MOST_PAIRS } from '../src/ingestion/org-metrics.ts';
import { createMetrics } from '../src/telemetry/metrics.ts';
import { writeGenerated } from './generated-file.ts';
import { code, codeList, markdownTable } from './markdown.ts';

const INTRODUCTION = `# Metrics

What \`/metrics\` tells a Prometheus, in base units and without a label that a caller can make up. It needs no token, so
keep it from the outside where numbers of requests are a secret. Written by \`npm run metrics-docs\`; change
\`src/telemetry/metrics.ts\` instead.`;

const CLOSING = `Beside these there are those of the process and of Node (\`tidemark_process_…\`, \`tidemark_nodejs_…\`): memory, CPU,
event-loop lag, garbage collection.`;

const OF_ORGS = `## Metrics of orgs

\`/metrics/orgs\` is another page, with the names of orgs and models. It is off unless \`ORG_METRICS\` is \`on\`, and it needs the
token or API key of an admin.

- It counts the usage that this process has stored since it started, so scrape every process that takes events, and add
  the processes up. \`tidemark import\` is a process of its own and is not counted.
- It has the ${MOST_PAIRS} busiest pairs of org and model of the last minutes. The rest is the org \`other\` with the model \`other\`. A pair
  that takes a place begins at zero, as a process that starts does.
- Its freshness is the same from every process.`;

interface Described {
  name: string;
  help: string;
  type: unknown;
  labelNames?: readonly string[];
}

const metrics = createMetrics();
// What is observed is read when somebody scrapes, which nobody does here.
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
const parts = [INTRODUCTION, tableOf(metrics.registry), CLOSING, OF_ORGS, tableOf(ofOrgs)];
await writeGenerated('docs/metrics.md', `${parts.join('\n\n')}\n`, 'metrics-docs');
