import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../../config.ts';
import { SharedCapacity } from '../../shares/capacity.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { addressOwner } from './address-owner.ts';

interface ConnectionOptions {
  config: Pick<Config, 'maxConnections'>;
  metrics: Pick<Metrics, 'refusedConnections' | 'observeConnections'>;
}

/** Limits the open connections. Each address has a share; a connection beyond it is closed at once. */
export function limitConnections(server: FastifyInstance, { config, metrics }: ConnectionOptions): void {
  const connections = new SharedCapacity(config.maxConnections);
  metrics.observeConnections(() => connections.total);
  server.server.on('connection', (socket: Socket) => {
    const owner = addressOwner(socket.remoteAddress ?? '');
    if (!connections.take(owner, 1)) {
      metrics.refusedConnections.inc();
      socket.destroy();
      return;
    }
    socket.once('close', () => connections.release(owner, 1));
  });
}
