import { Type } from 'typebox';
import { ruleFrom } from '../../alerts/configs/change-configs.ts';
import { checkReach } from '../../alerts/configs/check-reach.ts';
import { type PreviewSources, previewRule } from '../../alerts/preview/preview.ts';
import type { RecordAudit } from '../../auth/audit.ts';
import { channelNames } from '../../notifications/notice/notice.ts';
import type { Clock } from '../../time.ts';
import { numberOrNull, textOrNull } from '../fields/nullable.ts';
import { moment } from '../fields/query-parameters.ts';
import { actorOf } from '../shell/authenticate.ts';
import type { Server } from '../shell/typed-server.ts';
import { NewRuleBody } from './schemas.ts';
import { auditLookAt, orgOfNewRule } from './scope.ts';

const PreviewSchema = Type.Object({
  start: moment('From when it was replayed.'),
  end: moment('Until when.'),
  dataFrom: textOrNull(
    'The first moment of which there is data: what was before cannot be told. null: there is none.',
  ),
  coarseUntil: moment(
    'Until then windows are looked at every quarter of an hour, and are whole quarters long: minutes are not kept.',
  ),
  stepSeconds: Type.Number({
    description:
      'From one evaluation to the next after that; more than live where the history is long or coarse.',
  }),
  groups: Type.Integer(),
  groupsLeftOut: Type.Integer({ description: 'Those with the fewest events or values, beyond twenty.' }),
  evaluations: Type.Integer(),
  reasons: Type.Record(Type.String(), Type.Integer(), { description: 'Evaluations by their reason.' }),
  alerts: Type.Array(
    Type.Object({
      group: Type.Record(Type.String(), Type.String()),
      pendingAt: moment('When it was first wrong.'),
      triggeredAt: moment('When it would have fired.'),
      resolvedAt: textOrNull('null: it would still fire.'),
      value: numberOrNull(),
      samples: Type.Integer(),
      baseline: numberOrNull(),
      reason: Type.String(),
      notices: Type.Array(
        Type.Object({
          kind: Type.String(),
          at: moment('When people would have been told.'),
          value: numberOrNull(),
        }),
      ),
    }),
    { description: 'At most 1,000, by time.' },
  ),
  notices: Type.Record(Type.String(), Type.Integer(), {
    description: 'How many of each kind would have been sent.',
  }),
  recipients: Type.Array(
    Type.Object({
      channel: Type.Enum(channelNames),
      recipient: Type.String({
        description:
          'An address, or the name of a destination; in_app to *: everybody who may read the alerts.',
      }),
    }),
    { description: 'Who would be told of each, as notices go now.' },
  ),
});

/** What a rule would have done, before there is one. */
export function registerAlertPreviewRoutes(
  server: Server,
  { clock, audit, ...sources }: PreviewSources & { clock: Clock; audit: RecordAudit },
): void {
  server.post(
    '/api/v1/analytics/alerts/configs/preview',
    {
      config: { access: { capability: 'alerts:write', org: 'none' } },
      schema: {
        tags: ['Alerts'],
        summary: 'Replay a rule over the last 30 days',
        description: 'When it would have fired, and what would have been sent. Nothing is stored.',
        body: NewRuleBody,
        response: { 200: PreviewSchema },
      },
    },
    async (request) => {
      const { orgId: asked, silencedUntil: _silencedUntil, ...fields } = request.body;
      const orgId = orgOfNewRule(actorOf(request), asked);
      const rule = ruleFrom(fields, orgId);
      checkReach(actorOf(request), [{ ...rule, at: '$' }]);
      await auditLookAt(audit, request, orgId);
      return previewRule(sources, { rule, orgId, now: clock.now() });
    },
  );
}
