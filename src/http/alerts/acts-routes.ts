import { Type } from 'typebox';
import type { Act } from '../../alerts/decision/workflow.ts';
import { type ActOptions, actOnAlert } from '../../alerts/history/act-on-alert.ts';
import { CodedError } from '../../errors.ts';
import { actorOf } from '../shell/authenticate.ts';
import type { Server } from '../shell/typed-server.ts';
import { AlertSchema } from './record-schema.ts';
import { callerOf, scopeOf } from './scope.ts';

const BASE = '/api/v1/analytics/alerts';
const tags = ['Alerts'];
const MOST_AT_ONCE = 200;

const Id = Type.Object({ id: Type.String({ format: 'uuid' }) });
const note = Type.Optional(Type.String({ minLength: 1, maxLength: 2_000, description: 'For the others.' }));

/** What people do about alerts: acknowledge, take it back, resolve. */
export function registerAlertActsRoutes(server: Server, acts: ActOptions): void {
  const act = (name: Act, summary: string, description: string) =>
    server.post(
      `${BASE}/:id/${name}`,
      {
        config: { access: { capability: 'alerts:write', org: 'none' } },
        // A note is all there is to say, and need not be said.
        preValidation: async (request) => {
          request.body ??= {};
        },
        schema: {
          tags,
          summary,
          description,
          params: Id,
          body: Type.Object({ note }, { additionalProperties: false }),
          response: { 200: AlertSchema },
        },
      },
      async (request) => {
        const scope = scopeOf(actorOf(request), 'alerts:write');
        return actOnAlert(acts, request.params.id, name, {
          scope,
          note: request.body.note,
          caller: callerOf(request),
        });
      },
    );
  act(
    'acknowledge',
    'Take an alert on',
    'It is not repeated any more until it is over, or its severity rises.',
  );
  act(
    'unacknowledge',
    'Take an acknowledgement back',
    'It is repeated again, and what was not sent because of it is sent.',
  );
  act(
    'resolve',
    'Say that an alert is over',
    'If its value is still wrong after the cooldown, it fires anew.',
  );

  server.post(
    `${BASE}/bulk-acknowledge`,
    {
      config: { access: { capability: 'alerts:write', org: 'none' } },
      schema: {
        tags,
        summary: 'Take several alerts on',
        description: 'Each by itself; what cannot be acknowledged is named with its reason.',
        body: Type.Object(
          {
            ids: Type.Array(Type.String({ format: 'uuid' }), { minItems: 1, maxItems: MOST_AT_ONCE }),
            note,
          },
          { additionalProperties: false },
        ),
        response: {
          200: Type.Object({
            acknowledged: Type.Array(Type.String()),
            failed: Type.Array(
              Type.Object({ id: Type.String(), code: Type.String(), detail: Type.String() }),
            ),
          }),
        },
      },
    },
    async (request) => {
      const scope = scopeOf(actorOf(request), 'alerts:write');
      const acknowledged: string[] = [];
      const failed: { id: string; code: string; detail: string }[] = [];
      for (const id of new Set(request.body.ids)) {
        try {
          await actOnAlert(acts, id, 'acknowledge', {
            scope,
            note: request.body.note,
            caller: callerOf(request),
          });
          acknowledged.push(id);
        } catch (error) {
          if (!(error instanceof CodedError)) throw error;
          failed.push({ id, code: error.code, detail: error.message });
        }
      }
      return { acknowledged, failed };
    },
  );
}
