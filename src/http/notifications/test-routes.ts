import { Type } from 'typebox';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { channelNames } from '../../notifications/notice/notice.ts';
import { sendTrial, type TrialOptions } from '../../notifications/outbox/send-trial.ts';
import { textOrNull } from '../fields/nullable.ts';
import { orgParameter } from '../fields/query-parameters.ts';
import { shortText } from '../fields/texts.ts';
import { orgOf, requires } from '../shell/authenticate.ts';
import { callerOf } from '../shell/caller.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';

/** Lets people try a channel before an alert needs it. */
export function registerTestNoticeRoutes(server: Server, options: TrialOptions): void {
  const path = '/api/v1/analytics/notifications/channels/:channel/test';
  server.post(path, sendRoute, (request) => send(options, request));
}

const sendRoute = {
  config: requires('alerts:write', 'query'),
  schema: {
    tags: ['Notifications'],
    summary: 'Send a test notice',
    description:
      'Sends one test notice now, and answers whether the provider took it. A test of in_app goes to one user.',
    params: Type.Object({ channel: Type.Enum(channelNames) }),
    querystring: Type.Object({ orgId: orgParameter('The org whose destinations are meant.') }),
    body: Type.Object(
      { to: shortText(254, 'An address, a phone number, a user, or the name of a destination.') },
      { additionalProperties: false },
    ),
    response: { 200: Type.Object({ delivered: Type.Literal(true), providerId: textOrNull() }) },
  },
};

async function send(options: TrialOptions, request: RequestTo<typeof sendRoute>) {
  const orgId = orgOf(request) === ALL_ORGS ? null : orgOf(request);
  const { channel } = request.params;
  const wanted = { channel, to: request.body.to, orgId, caller: callerOf(request) };
  const { providerId = null } = await sendTrial(options, wanted);
  return { delivered: true as const, providerId };
}
