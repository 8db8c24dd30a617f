import { Type } from 'typebox';
import { answerPipelineHealth, type PipelineSource } from '../../queries/health/pipeline.ts';
import { actorOf, requires } from '../shell/authenticate.ts';
import type { Server } from '../shell/typed-server.ts';
import { checkReachesAllOrgs } from './all-orgs-only.ts';
import { PipelineHealthSchema } from './pipeline-schema.ts';

const pipelineRoute = {
  config: requires('platform:read', 'none'),
  schema: {
    tags: ['System health'],
    summary: 'What waits in the queue, at RabbitMQ, for a roll-up and in the outbox',
    description:
      'Figures of now. The caller needs access to all orgs, because all orgs share them. The queue and RabbitMQ are those ' +
      'of the processes that `source` reaches.',
    querystring: Type.Object({}),
    response: { 200: PipelineHealthSchema },
  },
};

/** What waits between those who send events and those who are told. */
export function registerPipelineRoutes(server: Server, source: PipelineSource): void {
  server.get('/api/v1/analytics/health/pipeline', pipelineRoute, async (request) => {
    checkReachesAllOrgs(actorOf(request), 'All orgs share the queue, RabbitMQ and the outbox.');
    return answerPipelineHealth(source);
  });
}
