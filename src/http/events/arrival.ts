import type { FastifyRequest } from 'fastify';
import { canIngestFor } from '../../auth/actor.ts';
import type { Ingest } from '../../ingestion/ingest.ts';
import { actorOf } from '../shell/authenticate.ts';
import { asCodedError } from '../shell/problem.ts';
import type { Server } from '../shell/typed-server.ts';

/** The formats of tools, by the beginning of their path. */
const formatByPath = [
  ['/v1/logs', 'otlp-logs'],
  ['/v1/', 'otlp'],
  ['/api/public/', 'langfuse'],
  ['/ingest/litellm', 'litellm'],
] as const;

/** The format in which a request sends events, as the list of what arrived lately names it. */
export function formatOf({ routeOptions, headers }: FastifyRequest): string {
  const path = routeOptions.url ?? '';
  const [, format] = formatByPath.find(([start]) => path.startsWith(start)) ?? [];
  if (format !== undefined) return format;
  const type = (headers['content-type'] ?? '').toLowerCase();
  if (type.startsWith('application/cloudevents') || headers['ce-id'] !== undefined) return 'cloudevents';
  return type.includes('ndjson') || type.includes('jsonl') ? 'ndjson' : 'json';
}

/** The org of a caller who has exactly one, and may send events for it. */
export function onlyOrgOf(request: FastifyRequest): string | undefined {
  const actor = actorOf(request);
  const [only, ...others] = actor.orgs;
  return only !== undefined && others.length === 0 && canIngestFor(actor, only) ? only : undefined;
}

/** Notes each request that is refused as a whole, for the org of its caller. One whose caller is unknown has none. */
export function noteWholeRefusals(routes: Server, ingest: Ingest): void {
  routes.addHook('onError', async (request, _reply, thrown) => {
    const { code, message } = asCodedError(thrown, request);
    if (request.actor === null || code === 'unavailable' || code === 'internal') return;
    const orgId = onlyOrgOf(request);
    if (orgId === undefined) return;
    const { correlationId } = request;
    ingest.noteRefused({
      orgId,
      source: 'http',
      format: formatOf(request),
      correlationId,
      code,
      reason: message,
    });
  });
}
