import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { acknowledgeAlerts } from '../../alerts/history/acknowledge-alerts.ts';
import { type ActOptions, actOnAlert } from '../../alerts/history/act-on-alert.ts';
import { type ListedAlert, listAlerts, readAlert } from '../../alerts/history/alert-history.ts';
import { CodedError, errorTable } from '../../errors.ts';
import { oneLine } from '../../notifications/notice/wording.ts';
import { ACKNOWLEDGE_PATH, readAcknowledgeToken } from '../../notifications/outbox/acknowledge-link.ts';
import { MOST_TOGETHER } from '../../notifications/outbox/grouping/group-wait.ts';
import { alertsToldWith } from '../../notifications/outbox/grouping/told-together.ts';
import { personAt } from '../../notifications/routing/person-at.ts';
import { signingKey } from '../../notifications/signing-key.ts';
import { withoutHidden } from '../../plain-text.ts';
import { isPublic } from '../shell/authenticate.ts';
import { callerOf } from '../shell/caller.ts';
import type { Server } from '../shell/typed-server.ts';
import { alertPage, alertsPage, MOST_OF_NAME, PAGE_HEADERS, problemPage } from './acknowledge-page.ts';

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
    routes.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string' },
      async (_request: unknown, body: string) => Object.fromEntries(new URLSearchParams(body)),
    );
    routes.setErrorHandler<CodedError>(sendProblemPage);

    routes.get(ACKNOWLEDGE_PATH, route, async (request, reply) => {
      const { alertId, delivery, recipient } = await readClaim(request.query.token);
      const alert = await readAlert(pool, alertId, 'all');
      const person = await personOf(pool, alert, recipient);
      const page =
        delivery === undefined
          ? alertPage(alert, person)
          : alertsPage(await readDelivery(pool, delivery), person);
      return reply.headers(PAGE_HEADERS).send(page);
    });

    routes.post(ACKNOWLEDGE_PATH, { ...route, bodyLimit: MAX_FORM_BYTES }, async (request, reply) => {
      const { alertId, recipient, delivery } = await readClaim(request.query.token);
      const caller = callerOf(request, { id: recipient, roles: [], orgs: [], via: 'link' });
      const { alert: one, name } = (request.body ?? {}) as { alert?: string; name?: string };
      const person = await personOf(pool, await readAlert(pool, alertId, 'all'), recipient);
      const by = person ?? nameGiven(name, recipient);
      if (delivery !== undefined) {
        const told = await readDelivery(pool, delivery);
        const wanted = told.filter(
          ({ id, workflow }) => workflow === 'open' && (one === undefined || id === one),
        );
        const ids = wanted.map(({ id }) => id);
        await acknowledgeAlerts(options, ids, { scope: 'all', caller, by });
        return reply.headers(PAGE_HEADERS).send(alertsPage(await readDelivery(pool, delivery), person));
      }
      const alert = await actOnAlert(options, alertId, 'acknowledge', { scope: 'all', caller, by });
      return reply.headers(PAGE_HEADERS).send(alertPage(alert, person));
    });
    done();
  });
}

/** The person who alone has the address that the link was sent to, if one does. */
function personOf(
  pool: ActOptions['pool'],
  alert: ListedAlert,
  recipient: string,
): Promise<string | undefined> {
  const [channel = '', ...address] = recipient.split(':');
  return personAt(pool, alert.allOrgs ? null : alert.orgId, { channel, address: address.join(':') });
}

/** The name that somebody typed, with the address of the link, because nobody has checked the name. */
function nameGiven(name: string | undefined, recipient: string): string | undefined {
  const clean = withoutHidden(oneLine(name ?? '', MOST_OF_NAME)).trim();
  return clean === '' ? undefined : `${clean} (${recipient})`;
}

/** The alerts that a message told. The link is only for these. */
async function readDelivery(pool: ActOptions['pool'], delivery: string): Promise<ListedAlert[]> {
  const ids = await alertsToldWith(pool, delivery);
  return listAlerts(pool, { scope: 'all', ids, limit: MOST_TOGETHER });
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
