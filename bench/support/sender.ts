import { Agent } from 'node:http';
import { callOk } from './call.ts';
import type { Service } from './service.ts';

export interface Counts {
  received: number;
  stored: number;
  duplicates: number;
  rejected: number;
}

/** Sends one body of events. @throws when it is not acknowledged, or some events are rejected */
export function send(service: Service, agent: Agent, body: Buffer): Promise<Counts> {
  return callOk<Counts>(service, agent, '/analytics/v1/events', body);
}

/** Sends bodies of events over several connections. Each connection waits for the acknowledgement before its next body. */
export async function sendAll(
  service: Service,
  bodies: readonly Buffer[],
  connections: number,
): Promise<Counts> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const total: Counts = { received: 0, stored: 0, duplicates: 0, rejected: 0 };
  let next = 0;
  const work = async () => {
    for (let body = bodies[next++]; body; body = bodies[next++]) {
      const counts = await send(service, agent, body);
      for (const name of Object.keys(total) as (keyof Counts)[]) total[name] += counts[name];
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  agent.destroy();
  return total;
}
