import { type Static, Type } from 'typebox';
import { type OuterChannel, outerChannels } from '../../notifications/notice/notice.ts';
import type { NewPreference } from '../../notifications/routing/change-preferences.ts';
import { recipientForms } from '../../notifications/routing/recipient.ts';
import { orNull, textOrNull } from '../fields/nullable.ts';
import { orgParameter } from '../fields/query-parameters.ts';
import { moment, shortText } from '../fields/texts.ts';

function address(channel: OuterChannel, description: string) {
  const { right, expected } = recipientForms[channel];
  return orNull(Type.String({ pattern: right.source, 'x-expected': expected, maxLength: 254, description }));
}

const clockTime = Type.String({
  pattern: '^([01]\\d|2[0-3]):[0-5]\\d$',
  'x-expected': 'a time of day such as 22:30',
  description: 'HH:MM',
});

const QuietHours = Type.Object(
  { from: clockTime, to: clockTime, timezone: Type.String({ maxLength: 60 }) },
  {
    additionalProperties: false,
    description: 'Hours of each day in which only critical notices are sent. The others wait until the end.',
  },
);

const timezone = Type.String({
  maxLength: 60,
  description:
    'The zone of the times in messages, such as Europe/Berlin. Default: that of the quiet hours, or UTC.',
});

const someChannels = Type.Array(Type.Enum(outerChannels));
const channels = Type.Object(
  { info: someChannels, warning: someChannels, critical: someChannels },
  { additionalProperties: false, description: 'The channels for each severity.' },
);

const addresses = {
  email: address('email', 'Such as oncall@example.com.'),
  phone: address('sms', 'Such as +4915112345678.'),
  slack: address('slack', 'Name of a Slack destination.'),
  webhook: address('webhook', 'Name of a webhook.'),
  pagerduty: address('pagerduty', 'Name of a PagerDuty destination.'),
  teams: address('teams', 'Name of a Microsoft Teams destination.'),
  discord: address('discord', 'Name of a Discord destination.'),
};

export const PreferenceBody = Type.Object(
  {
    ...Type.Partial(Type.Object(addresses)).properties,
    channels: Type.Optional(channels),
    quietHours: Type.Optional(orNull(QuietHours)),
    timezone: Type.Optional(orNull(timezone)),
  },
  { additionalProperties: false },
);

export const PreferenceSchema = Type.Object({
  orgId: Type.String({ description: 'The org whose alerts are sent; "*" means alerts over all orgs.' }),
  kind: Type.Enum(['user', 'team'] as const),
  id: Type.String(),
  email: textOrNull(),
  phone: textOrNull(),
  slack: textOrNull(),
  webhook: textOrNull(),
  pagerduty: textOrNull(),
  teams: textOrNull(),
  discord: textOrNull(),
  timezone: textOrNull(
    'The zone of the times in messages; null means that of the quiet hours, or of the org, or UTC.',
  ),
  channels,
  quietHours: orNull(QuietHours),
  version: Type.Integer(),
  updatedAt: moment('When it was last changed.'),
  updatedBy: Type.String(),
});

export const OwnerParams = Type.Object({
  kind: Type.Enum(['users', 'teams'] as const),
  id: shortText(200, "A user's id, which is the subject of their tokens; or the name of a team."),
});

export const PreferenceQuery = Type.Object({
  orgId: orgParameter(
    'The org of the person or team. Default: for an admin, alerts over all orgs; for others, their only org.',
  ),
});

/** What is absent from the body is null, so that a PUT replaces the whole preference. */
export function preferenceFrom({
  email = null,
  phone = null,
  slack = null,
  webhook = null,
  pagerduty = null,
  teams = null,
  discord = null,
  timezone = null,
  channels,
  quietHours = null,
}: Static<typeof PreferenceBody>): NewPreference {
  return { email, phone, slack, webhook, pagerduty, teams, discord, timezone, channels, quietHours };
}
