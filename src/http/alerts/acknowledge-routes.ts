import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { type ActOptions, actOnAlert } from '../../alerts/history/act-on-alert.ts';
import { readAlert } from '../../alerts/history/alert-history.ts';
import { CodedError, errorTable } from '../../errors.ts';
import { ACKNOWLEDGE_PATH, readAcknowledgeToken } from '../../notifications/outbox/acknowledge-link.ts';
import { signingKey } from '../../notifications/signing-key.ts';
import { isPublic } from '../shell/authenticate.ts';
import { callerOf } from '../shell/caller.ts';
import type { Server } from '../shell/typed-server.ts';
import { alertPage, PAGE_HEADERS, problemPage } from './acknowledge-page.ts';

const MAX_FORM_BYTES = 1_000;

const route = {
  config: isPublic,
  schema: { hide: true, querystring: Type.Object({ token: Type.String({ maxLength: 2_000 }) }) },
};

/**
 * The page that notices link to. GET shows the alert and changes nothing, because mail scanners follow links; POST
 * acknowledges it.
 */
export function registerAcknowledgeRoutes(server: Server, options: ActOptions): void {
  const { pool } = options;
  const readClaim = claimReader(options);
  server.register((routes: Server, _options, done) => {
    // The form of the page has no fields, so its body is ignored.
    routes.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, async () => ({}));
    routes.setErrorHandler<CodedError>(sendProblemPage);

    routes.get(ACKNOWLEDGE_PATH, route, async (request, reply) => {
      const { alertId } = await readClaim(request.query.token);
      return reply.headers(PAGE_HEADERS).send(alertPage(await readAlert(pool, alertId, 'all')));
    });

    routes.post(ACKNOWLEDGE_PATH, { ...route, bodyLimit: MAX_FORM_BYTES }, async (request, reply) => {
      const { alertId, recipient } = await readClaim(request.query.token);
      const caller = callerOf(request, { id: recipient, roles: [], orgs: [], via: 'link' });
      const alert = await actOnAlert(options, alertId, 'acknowledge', { scope: 'all', caller });
      return reply.headers(PAGE_HEADERS).send(alertPage(alert));
    });
    done();
  });
}

/** Reads the alert of a token, and the recipient whom the token was sent to. */
function claimReader({ pool, clock }: ActOptions) {
  let key: Promise<Uint8Array> | undefined;
  return async (token: string) => {
    key ??= signingKey(pool, 'acknowledge');
    // If the database failed, the next request reads the key again.
    key.catch(() => {
      key = undefined;
    });
    const claim = await readAcknowledgeToken(token, await key, clock);
    if (claim) return claim;
    throw new CodedError(
      'not_found',
      'The link is not valid, or has expired. Look at the alert in Tidemark.',
    );
  };
}

/** A browser gets errors as a page. Unexpected ones go on to the error handler of the server, which logs them. */
function sendProblemPage(error: unknown, _request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!(error instanceof CodedError) || error.code === 'internal') throw error;
  const { status, title } = errorTable[error.code];
  return reply.code(status).headers(PAGE_HEADERS).send(problemPage(title, error.message));
}
