/**
 * Sends calls with the SDK of a tool, as an application with that tool does, and ends:
 * `node send.ts <tool> [<address of the service> <key>]`. Without an address, the SDK takes it from its variables.
 */
import { DiagConsoleLogger, DiagLogLevel, diag } from '@opentelemetry/api';

const [tool = '', address = '', key = ''] = process.argv.slice(2);
// Failed exports are logged as errors, and the test looks at what this process has written.
diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.ERROR);

const tools: Readonly<Record<string, () => Promise<{ send(address: string, key: string): Promise<void> }>>> =
  {
    'otlp-http': () => import('./otlp-http.ts'),
    'otlp-proto': () => import('./otlp-proto.ts'),
    'ai-sdk': () => import('./ai-sdk.ts'),
    'ai-sdk-legacy': () => import('./ai-sdk-legacy.ts'),
    openllmetry: () => import('./openllmetry.ts'),
    openinference: () => import('./openinference.ts'),
    langfuse: () => import('./langfuse.ts'),
    cloudevents: () => import('./cloudevents.ts'),
  };
const load = tools[tool];
if (!load) throw new Error(`there is no tool ${tool}`);
await (await load()).send(address, key);
