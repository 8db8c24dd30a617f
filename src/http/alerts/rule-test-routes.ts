import { Type } from 'typebox';
import { sendRuleTest, type TestOptions } from '../../alerts/configs/send-test.ts';
import { channelNames } from '../../notifications/notice/notice.ts';
import { numberOrNull } from '../fields/nullable.ts';
import { groupOfValues, uuidInPath } from '../fields/texts.ts';
import { actorOf, requires } from '../shell/authenticate.ts';
import { callerOf } from '../shell/caller.ts';
import type { ReplyTo, RequestTo, Server } from '../shell/typed-server.ts';
import { scopeOf } from './scope.ts';

/** Lets people try a rule end to end, before it has to fire. */
export function registerRuleTestRoutes(server: Server, options: TestOptions): void {
  server.post('/api/v1/analytics/alerts/configs/:id/test', testRoute, (request, reply) =>
    sendTest(options, request, reply),
  );
}

const testRoute = {
  config: requires('alerts:write', 'none'),
  schema: {
    tags: ['Alerts'],
    summary: 'Send what a rule would send, as a test',
    description:
      'Sends the notice of an alert, marked as a test, to the recipients of the rule. It goes through the outbox like any ' +
      'notice: GET /notifications/deliveries shows what became of it. No alert changes. Each recipient counts as a test of the day.',
    params: uuidInPath,
    response: {
      202: Type.Object({
        group: groupOfValues,
        value: numberOrNull(
          'The value in the notice: of an open alert, else a made-up one past the threshold.',
        ),
        recipients: Type.Array(
          Type.Object({
            channel: Type.Enum(channelNames),
            recipient: Type.String({
              description:
                'An address, or the name of a destination. default: the people whom the preferences name. in_app to *: everybody who may read the alerts.',
            }),
          }),
        ),
      }),
    },
  },
};

async function sendTest(
  options: TestOptions,
  request: RequestTo<typeof testRoute>,
  reply: ReplyTo<typeof testRoute>,
) {
  const scope = scopeOf(actorOf(request), 'alerts:write');
  const sent = await sendRuleTest(options, request.params.id, { scope, caller: callerOf(request) });
  return reply.code(202).send(sent);
}
