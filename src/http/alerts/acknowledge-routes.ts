import { Type } from 'typebox';
import { type ActOptions, actOnAlert } from '../../alerts/history/act-on-alert.ts';
import { readAlert } from '../../alerts/history/alert-history.ts';
import { CodedError, errorTable } from '../../errors.ts';
import { ACKNOWLEDGE_PATH, readAcknowledgeToken } from '../../notifications/outbox/acknowledge-link.ts';
import { signingKey } from '../../notifications/signing-key.ts';
import type { Server } from '../shell/typed-server.ts';
import { alertPage, PAGE_HEADERS, problemPage } from './acknowledge-page.ts';

const LARGEST_FORM = 1_000;

/** The page that messages link to: GET shows the alert, POST acknowledges it. What looks at links changes nothing. */
export function registerAcknowledgeRoutes(server: Server, acts: ActOptions): void {
  const { pool, clock } = acts;
  let key: Promise<Uint8Array> | undefined;
  /** The alert of a token, and in whose name it acts. */
  const open = async (token: string) => {
    key ??= signingKey(pool, 'acknowledge');
    // One that could not be read is read again next time.
    key.catch(() => {
      key = undefined;
    });
    const claim = await readAcknowledgeToken(token, await key, clock);
    if (claim) return claim;
    throw new CodedError(
      'not_found',
      'The link is not one of ours, or too old. Look at the alert in Tidemark.',
    );
  };
  const options = {
    config: { access: 'public' },
    schema: { hide: true, querystring: Type.Object({ token: Type.String({ maxLength: 2_000 }) }) },
  } as const;

  server.register((routes: Server, _options, done) => {
    // What the button sends; nothing in it is of interest.
    routes.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, async () => ({}));
    routes.setErrorHandler<CodedError>((error, _request, reply) => {
      if (!(error instanceof CodedError) || error.code === 'internal') throw error;
      const { status, title } = errorTable[error.code];
      return reply.code(status).headers(PAGE_HEADERS).send(problemPage(title, error.message));
    });

    routes.get(ACKNOWLEDGE_PATH, options, async (request, reply) => {
      const { alertId } = await open(request.query.token);
      return reply.headers(PAGE_HEADERS).send(alertPage(await readAlert(pool, alertId, 'all')));
    });

    routes.post(ACKNOWLEDGE_PATH, { ...options, bodyLimit: LARGEST_FORM }, async (request, reply) => {
      const { alertId, recipient } = await open(request.query.token);
      const alert = await actOnAlert(acts, alertId, 'acknowledge', {
        scope: 'all',
        caller: {
          actor: { id: recipient, roles: [], orgs: [], via: 'link' },
          route: `POST ${ACKNOWLEDGE_PATH}`,
          requestId: request.id,
        },
      });
      return reply.headers(PAGE_HEADERS).send(alertPage(alert));
    });
    done();
  });
}
