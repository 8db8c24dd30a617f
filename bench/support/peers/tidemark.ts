import { Agent } from 'node:http';
import type { Client } from 'pg';
import { callOk } from '../call.ts';
import { pidListeningOn, processorTimeOf, processorTimeOfTree } from '../processes/process-use.ts';
import { send } from '../sender.ts';
import type { Service } from '../service.ts';
import { untilRolledUp } from '../until-rolled-up.ts';
import type { Peer } from './peer.ts';
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
    rollUp: async () => void (await untilRolledUp(client, { pause: 20 })),
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
