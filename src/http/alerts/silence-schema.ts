import { Type } from 'typebox';
import { weekdays } from '../../alerts/silences/recurrence.ts';
import { silenceStates } from '../../alerts/silences/silence.ts';
import { severities } from '../../notifications/notice/notice.ts';
import { orNull, textOrNull } from '../fields/nullable.ts';
import { moment, orgOrAll } from '../fields/texts.ts';

/** The fields of a silence. `alerts/silences` checks them, and words their faults. */
const silenceProperties = {
  name: textOrNull('Its name in a file of rules, unique in the org. Silences without a name are in no file.'),
  reason: Type.String({ description: 'Why nobody is told, in one line.' }),
  rules: Type.Array(Type.String(), { description: 'Names of rules. Empty: every rule of the org.' }),
  labels: Type.Record(Type.String(), Type.String(), {
    description:
      'Values that the group or the filters of an alert must have: {"modelId": "gpt-4o", "label.team": "search"}.',
  }),
  severities: Type.Array(Type.String({ enum: [...severities] }), { description: 'Empty: every severity.' }),
  startsAt: orNull(moment('When it starts. Default: now; a window without a start recurs from now on.')),
  endsAt: orNull(moment('When it ends. Required without a recurrence.')),
  recurrence: orNull(
    Type.Object(
      {
        days: Type.Array(Type.String({ enum: [...weekdays] }), {
          description: 'The days on which it begins.',
        }),
        from: Type.String({ description: 'HH:MM' }),
        to: Type.String({ description: 'HH:MM; on the next day if it is not after from.' }),
        timezone: Type.String({ description: 'An IANA zone, such as Europe/Berlin.' }),
      },
      { description: 'For a maintenance window: when it recurs.' },
    ),
  ),
};

/** A silence as it is sent. The reader of silences refuses unknown fields with a better message. */
export const SilenceBody = Type.Object(Type.Partial(Type.Object(silenceProperties)).properties, {
  additionalProperties: true,
});

export const NewSilenceBody = Type.Object(
  { orgId: Type.Optional(orgOrAll), ...SilenceBody.properties },
  { additionalProperties: true },
);

export const SilenceSchema = Type.Object({
  id: Type.String(),
  orgId: orgOrAll,
  ...silenceProperties,
  state: Type.Enum(silenceStates),
  occurrence: orNull(
    Type.Object(
      { opensAt: moment('When it begins.'), closesAt: moment('When it ends.') },
      { description: 'The time that is under way, or comes next. Null: the silence is over.' },
    ),
  ),
  matchingRules: Type.Array(Type.Object({ id: Type.String(), name: Type.String() }), {
    description: 'The rules whose alerts it can be for; 50 at most.',
  }),
  matchingRuleCount: Type.Integer({ description: 'How many rules there are.' }),
  version: Type.Integer({ description: 'Rises with each change.' }),
  createdAt: moment('When it was added.'),
  createdBy: Type.String({ description: 'Id of the actor who added it.' }),
  updatedAt: moment('When it was last changed.'),
  updatedBy: Type.String({ description: 'Id of the actor who last changed it.' }),
});
