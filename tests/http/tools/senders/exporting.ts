import type { Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-node';

/** Runs with a provider that is registered for the whole process, and sends all its spans before it returns. */
export async function tracing(
  processor: SpanProcessor,
  run: (provider: NodeTracerProvider) => Promise<void>,
) {
  const resource = resourceFromAttributes({ 'service.name': 'shop' });
  const provider = new NodeTracerProvider({ resource, spanProcessors: [processor] });
  provider.register();
  await run(provider);
  await provider.shutdown();
}

/**
 * The exporter as its documentation configures it: gzip, and one key.
 * @param address empty: the exporter takes the address and the key from its variables
 */
export function exporterTo(address: string, key: string, encoding: 'json' | 'protobuf'): SpanProcessor {
  const account = address === '' ? {} : { url: `${address}/v1/traces`, headers: { 'x-api-key': key } };
  const options = { ...account, compression: 'gzip' as never };
  return new BatchSpanProcessor(
    encoding === 'json' ? new OTLPTraceExporter(options) : new ProtobufExporter(options),
  );
}

/** A call by plain conventions, within a request of an application. */
export function traceCall(tracer: Tracer): void {
  tracer.startActiveSpan('POST /answer', (request) => {
    const attributes = {
      ...{ 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai' },
      ...{
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.usage.input_tokens': 70,
        'gen_ai.usage.output_tokens': 9,
      },
      'gen_ai.input.messages': '[{"role":"user","content":"Erika"}]',
    };
    tracer.startSpan('chat gpt-4o', { attributes }).end();
    request.end();
  });
}
