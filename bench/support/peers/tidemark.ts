import { Agent } from 'node:http';
import type { Client } from 'pg';
import { sleep } from '../../../src/time.ts';
import { callOk } from '../call.ts';
import { processorTimeOf } from '../processor-time.ts';
import { send } from '../sender.ts';
import type { Service } from '../service.ts';
import type { Peer } from './peer.ts';
import { pidListeningOn, processorTimeOfTree } from './process-use.ts';
import { isDurable } from './table.ts';

interface Reliability {
  totals: { invocations: number; latencyMs: { p95: number } };
}

/** Tidemark, over HTTP. */
export async function tidemarkPeer(service: Service, client: Client, connections: number): Promise<Peer> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const server = pidListeningOn(Number(new URL(service.databaseUrl).port || 5432));
  return {
    name: 'Tidemark',
    durable: await isDurable(client),
    store: async ({ json }) => void (await send(service, agent, json)),
    async rollUp() {
      for (;;) {
        const { rows } = await client.query<{ waiting: boolean }>(
          'select exists (select from analytics.ingestion_batches where rolled_up_at is null) as waiting',
        );
        if (!rows[0]?.waiting) return;
        await sleep(20);
      }
    },
    async ask(orgId, from) {
      const path = (what: string) =>
        `/analytics/v1/orgs/${orgId}/${what}?granularity=day&start=${from.toISOString()}`;
      const reliability = await callOk<Reliability>(service, agent, path('reliability'));
      const usage = await callOk<{ totals: { inputTokens: number } }>(service, agent, path('usage'));
      return {
        calls: reliability.totals.invocations,
        inputTokens: usage.totals.inputTokens,
        p95: reliability.totals.latencyMs.p95,
      };
    },
    processorTime: () =>
      server === undefined ? undefined : processorTimeOf(service.pid) + processorTimeOfTree(server),
    async stop() {
      agent.destroy();
    },
  };
}
