import { Type } from 'typebox';
import { listedTypes } from '../../queries/events/event-filter.ts';
import { orNull, textOrNull } from '../fields/nullable.ts';
import { nextCursor } from '../fields/page-cursor.ts';
import { moment, shortText } from '../fields/texts.ts';

/** Query parameters that choose raw events. */
export const eventFilters = {
  start: Type.Optional(moment('Only events that happened at this time or later.')),
  end: Type.Optional(moment('Only events that happened before this time.')),
  modelId: Type.Optional(shortText(200, 'Only events of this model.')),
  status: Type.Optional(shortText(200, 'Only events with this status, such as error.')),
  errorCode: Type.Optional(shortText(100, 'Only events with this error code.')),
};

/** The same for lists, which can be narrowed further. */
export const listFilters = {
  ...eventFilters,
  type: Type.Optional(Type.Enum(listedTypes, { description: 'Only events of this type.' })),
  clientId: Type.Optional(shortText(200, 'Only events of this client.')),
  correlationId: Type.Optional(shortText(200, 'Only events with this correlation id.')),
};

const StoredEvent = Type.Object(
  {
    eventId: Type.String({ description: 'As it was sent.' }),
    orgId: Type.String(),
    type: Type.String(),
    occurredAt: moment('When it happened.'),
    receivedAt: moment('When the service received it.'),
    correlationId: Type.String(),
    actorId: textOrNull('The person or program that caused it.'),
    metadata: orNull(Type.Record(Type.String(), Type.String()), 'The fields of the sender.'),
  },
  {
    additionalProperties: true,
    description: 'An event with the fields of its type, by the names and in the units in which it was sent.',
  },
);

export const EventListSchema = Type.Object({
  orgId: Type.String(),
  events: Type.Array(StoredEvent, { description: 'The newest first.' }),
  next: nextCursor,
});
