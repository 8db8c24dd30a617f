import { CloudEvent, emitterFor, httpTransport, Mode } from 'cloudevents';

const MOMENT = new Date(Date.now() - 60_000).toISOString();

/** Two gateways number their events alike, and one event is sent in both modes. */
export async function send(address: string, key: string): Promise<void> {
  const headers = { 'x-api-key': key };
  const transport = httpTransport(`${address}/analytics/v1/events`);
  const emit = {
    structured: emitterFor(transport, { mode: Mode.STRUCTURED }),
    binary: emitterFor(transport, { mode: Mode.BINARY }),
  };
  const eventOf = (source: string, type = 'usage') =>
    new CloudEvent({
      ...{ source, type, id: '1', subject: 'cloudevents', time: MOMENT },
      data: { modelId: 'gpt-4o', latencyMs: 900, status: 'success', inputTokens: 70, outputTokens: 9 },
    });
  await emit.structured(eventOf('/gateways/a'), { headers });
  await emit.binary(eventOf('/gateways/a'), { headers });
  await emit.binary(eventOf('/gateways/b'), { headers });
}
