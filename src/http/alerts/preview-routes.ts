import { Type } from 'typebox';
import { ruleFrom } from '../../alerts/configs/change-configs.ts';
import { checkLabels } from '../../alerts/configs/check-labels.ts';
import { checkReach } from '../../alerts/configs/check-reach.ts';
import { type PreviewSources, previewRule } from '../../alerts/preview/preview.ts';
import type { RecordAudit } from '../../auth/audit.ts';
import { channelNames } from '../../notifications/notice/notice.ts';
import type { Clock } from '../../time.ts';
import { numberOrNull, orNull, textOrNull } from '../fields/nullable.ts';
import { groupOfValues, moment } from '../fields/texts.ts';
import { auditRead } from '../shell/audit-reads.ts';
import { actorOf, requires } from '../shell/authenticate.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';
import { NewRuleBody } from './rule-schema.ts';
import { orgOfNewRule } from './scope.ts';
import { MarkSchema, PointSchema, pointSeconds } from './series-schema.ts';

interface AlertPreviewOptions extends PreviewSources {
  clock: Clock;
  audit: RecordAudit;
}

/** Shows what a rule would have done, before it is added. */
export function registerAlertPreviewRoutes(server: Server, options: AlertPreviewOptions): void {
  server.post('/api/v1/analytics/alerts/configs/preview', previewRoute, (request) =>
    preview(options, request),
  );
}

const PreviewedAlert = Type.Object({
  group: groupOfValues,
  pendingAt: moment('When the value first broke the rule.'),
  triggeredAt: moment('When the alert would have fired.'),
  resolvedAt: orNull(moment('When it would have resolved; null if it would still fire.')),
  value: numberOrNull(),
  samples: Type.Integer(),
  baseline: numberOrNull(),
  reason: Type.String(),
  knownAt: orNull(
    moment(
      'When the last events of its window were in the numbers, if that was after it fired here. A live rule fires then. Null: they arrived in ' +
        'time, or more than a day ago.',
    ),
  ),
  lateEvents: Type.Integer({
    description: 'How many events arrived in the same batches as those late ones.',
  }),
  knownThen: orNull(
    Type.Object({ value: numberOrNull(), samples: Type.Integer() }),
    'The value of the same window as a live evaluation knew it at `triggeredAt`, without the events that arrived later; `value` is that ' +
      'of now. Null: no events were late, or the rule is over all orgs, or ten later alerts have late events too.',
  ),
  notices: Type.Array(
    Type.Object({
      kind: Type.String(),
      at: moment('When the notice would have been sent.'),
      value: numberOrNull(),
    }),
  ),
});

const PreviewSchema = Type.Object({
  start: moment('Start of the replay.'),
  end: moment('End of the replay.'),
  dataFrom: orNull(
    moment(
      'The earliest time with data; the replay knows nothing of the time before. null: there is no data.',
    ),
  ),
  coarseUntil: moment(
    'Before this time minutes are no longer kept. There the replay evaluates every 15 minutes, over windows of whole 15 minutes.',
  ),
  stepSeconds: Type.Number({
    description:
      'Time between two evaluations after `coarseUntil`. It is longer than live where the history is long or coarse.',
  }),
  groups: Type.Integer(),
  groupsLeftOut: Type.Integer({
    description: 'Groups that were not replayed: those beyond 20 with the fewest events or values.',
  }),
  evaluations: Type.Integer(),
  reasons: Type.Record(Type.String(), Type.Integer(), { description: 'Evaluations by their reason.' }),
  alerts: Type.Array(PreviewedAlert, { description: 'At most 1,000, by time.' }),
  notices: Type.Record(Type.String(), Type.Integer(), {
    description: 'How many notices of each kind would have been sent.',
  }),
  recipients: Type.Array(
    Type.Object({
      channel: Type.Enum(channelNames),
      recipient: Type.String({
        description:
          'An address, or the name of a destination. in_app to * means everybody who may read the alerts.',
      }),
    }),
    { description: 'The recipients of each notice, by the routing of now.' },
  ),
  series: Type.Array(
    Type.Object({
      group: groupOfValues,
      points: Type.Array(PointSchema, { description: 'At most 1,500, by time.' }),
      marks: Type.Array(MarkSchema, { description: 'What the rule would have done, at most 500.' }),
      samples: orNull(
        Type.Object({ least: Type.Integer(), median: Type.Integer(), most: Type.Integer() }),
        'Events in a window. null: no window has a value.',
      ),
    }),
    { description: 'The values that were judged, for charts: of at most 10 groups.' },
  ),
  pointSeconds,
  seriesNote: textOrNull('What the series leave out; null if they show everything.'),
});

const previewRoute = {
  config: { ...requires('alerts:write', 'none'), isQuestion: true as const },
  schema: {
    tags: ['Alerts'],
    summary: 'Replay a rule over the last 30 days',
    description:
      'Answers when the rule would have fired and which notices it would have sent. Nothing is stored.',
    body: NewRuleBody,
    response: { 200: PreviewSchema },
  },
};

async function preview(
  { clock, audit, ...sources }: AlertPreviewOptions,
  request: RequestTo<typeof previewRoute>,
) {
  const { orgId: asked, silencedUntil: _silencedUntil, ...fields } = request.body;
  const orgId = orgOfNewRule(actorOf(request), asked);
  const rule = ruleFrom(fields, orgId);
  checkReach(actorOf(request), [{ ...rule, at: '$' }]);
  await checkLabels(sources.pool, [{ orgId, rule: { ...rule, enabled: true }, at: '$' }], 'In the body');
  await auditRead(audit, request, orgId);
  return previewRule(sources, { rule, orgId, now: clock.now() });
}
