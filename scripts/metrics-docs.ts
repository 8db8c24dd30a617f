/** Writes docs/metrics.md from the metrics the service registers; with `--check` it only says whether the file is up to date. */
import { createMetrics } from '../src/telemetry/metrics.ts';
import { writeGenerated } from './generated-file.ts';
import { code, codeList, markdownTable } from './markdown.ts';

const INTRODUCTION = `# Metrics

What \`/metrics\` tells a Prometheus, in base units and without a label that a caller can make up. It needs no token, so
keep it from the outside where numbers of requests are a secret. Written by \`npm run metrics-docs\`; change
\`src/telemetry/metrics.ts\` instead.`;

const CLOSING = `Beside these there are those of the process and of Node (\`tidemark_process_…\`, \`tidemark_nodejs_…\`): memory, CPU,
event-loop lag, garbage collection.`;

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
const rows = (metrics.registry.getMetricsAsArray() as unknown as Described[])
  .filter(({ name }) => !/^tidemark_(process|nodejs)_/.test(name))
  .map(({ name, type, labelNames = [], help }) => [code(name), String(type), codeList(labelNames), help]);
const table = markdownTable(['name', 'kind', 'labels', 'meaning'], rows);

await writeGenerated('docs/metrics.md', `${INTRODUCTION}\n\n${table}\n\n${CLOSING}\n`, 'metrics-docs');
