/** The ways to send that the page shows, in this order. */
export const ways = [
  'curl',
  'typescript',
  'openai',
  'anthropic',
  'ai-sdk',
  'python',
  'otlp',
  'cloudevents',
  'csv',
] as const;
export type Way = (typeof ways)[number];

/** What stands in the lines as long as there is no key. */
export const NO_KEY = '$KEY';

interface Sender {
  /** The address of the service, without a slash at its end. */
  url: string;
  key: string;
  org: string;
}

/** The lines that send a first event. They hold quotation marks around what may have a space. */
export function snippetOf(way: Way, sender: Sender): string {
  return snippets[way](sender);
}

const snippets: Record<Way, (sender: Sender) => string> = {
  curl: ({ url, key, org }) => `curl -H "X-API-Key: ${key}" -H 'content-type: application/json' \\
  -d '{"orgId":${JSON.stringify(org)},"eventId":"call-1",
       "occurredAt":"'"$(date -u +%FT%TZ)"'",
       "modelId":"gpt-4o","status":"success",
       "latencyMs":830,"inputTokens":1200,"outputTokens":80}' \\
  ${url}/analytics/v1/events`,
  typescript: (sender) => `${client(sender)}
tidemark.track({ type: 'usage', modelId: 'gpt-4o', provider: 'openai', status: 'success', inputTokens: 812, outputTokens: 96, latencyMs: 640 });`,
  openai: (sender) => `import OpenAI from 'openai';
import { observeOpenAI } from '@tidemark/client/openai';
${client(sender)}
const openai = observeOpenAI(new OpenAI(), tidemark);
// Each call through "openai" is counted now.`,
  anthropic: (sender) => `import Anthropic from '@anthropic-ai/sdk';
import { observeAnthropic } from '@tidemark/client/anthropic';
${client(sender)}
const anthropic = observeAnthropic(new Anthropic(), tidemark);
// Each call through "anthropic" is counted now.`,
  'ai-sdk': (sender) => `import { openai } from '@ai-sdk/openai';
import { tidemarkMiddleware } from '@tidemark/client/ai';
import { wrapLanguageModel } from 'ai';
${client(sender)}
const model = wrapLanguageModel({ model: openai('gpt-4o'), middleware: tidemarkMiddleware(tidemark) });
// Each call of this model is counted now.`,
  python: ({ url, key, org }) => `import json, urllib.request, uuid
from datetime import datetime, timezone

event = {
    "eventId": str(uuid.uuid4()),
    "orgId": ${JSON.stringify(org)},
    "modelId": "gpt-4o",
    "occurredAt": datetime.now(timezone.utc).isoformat(),
    "status": "success",
    "latencyMs": 820,
    "inputTokens": 1200,
    "outputTokens": 350,
}
request = urllib.request.Request(
    "${url}/analytics/v1/events",
    data=json.dumps([event]).encode(),
    headers={"Content-Type": "application/json", "X-API-Key": "${key}"},
)
print(json.load(urllib.request.urlopen(request, timeout=60)))`,
  otlp: ({ url, key }) => `export OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="${url}/v1/traces"
export OTEL_EXPORTER_OTLP_TRACES_HEADERS="x-api-key=${key}"
export OTEL_METRICS_EXPORTER=none OTEL_LOGS_EXPORTER=none
# Start your program. Each span of a call to a model is counted.`,
  cloudevents: ({
    url,
    key,
    org,
  }) => `curl -H "X-API-Key: ${key}" -H 'content-type: application/cloudevents+json' \\
  -d '{"specversion":"1.0","type":"usage","source":"/gateway-1","id":"42","time":"'"$(date -u +%FT%TZ)"'","data":{"orgId":${JSON.stringify(org)},"modelId":"gpt-4o","status":"success","latencyMs":830,"inputTokens":1200,"outputTokens":80}}' \\
  ${url}/analytics/v1/events`,
  csv: ({ org }) => `cat > calls.csv <<END
TIMESTAMP,ContextTokens,GeneratedTokens
$(date -u +%F) 00:00:10,4808,10
$(date -u +%F) 00:00:15,3180,8
END
# On the machine of the service:
npx tidemark import calls.csv --map occurredAt=TIMESTAMP,inputTokens=ContextTokens,outputTokens=GeneratedTokens \\
  --set orgId=${org},modelId=code,latencyMs=0,status=success`,
};

function client({ url, key, org }: Sender): string {
  return `import { Tidemark } from '@tidemark/client';

const tidemark = new Tidemark({ url: '${url}', apiKey: '${key}', org: '${org}' });
`;
}
