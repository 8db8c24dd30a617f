import { type TProperties, Type } from 'typebox';
import { listedTypes } from '../../queries/events/event-filter.ts';
import { labelPattern } from '../fields/label-parameters.ts';
import { numberOrNull, orNull, textOrNull } from '../fields/nullable.ts';
import { nextCursor } from '../fields/page-cursor.ts';
import { asOfEveryEvent, moment, shortText } from '../fields/texts.ts';
import { ConflictSchema } from './conflict-schema.ts';

/** Query parameters that choose raw events. */
export const listFilters = {
  start: Type.Optional(moment('Only events that happened at this time or later.')),
  end: Type.Optional(moment('Only events that happened before this time.')),
  modelId: Type.Optional(shortText(200, 'Only events of this model.')),
  status: Type.Optional(shortText(200, 'Only events with this status, such as error.')),
  errorCode: Type.Optional(shortText(100, 'Only events with this error code.')),
  type: Type.Optional(Type.Enum(listedTypes, { description: 'Only events of this type.' })),
  clientId: Type.Optional(shortText(200, 'Only events of this client.')),
  correlationId: Type.Optional(shortText(200, 'Only events with this correlation id.')),
  metadata: Type.Optional(
    shortText(
      1_200,
      'Only events whose metadata have this entry: its name, =, and its value, such as team=search.',
    ),
  ),
};

/** The query parameters of a question about raw events, and the labels that it can be filtered by. */
export function withEventLabels<T extends TProperties>(properties: T) {
  return Type.Object(properties, {
    patternProperties: { [`^${labelPattern}$`]: shortText(200, 'Only events with this value of the label.') },
  });
}

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
  bounded: orNull(
    Type.Object({
      by: Type.Enum(['time', 'rows'] as const, { description: 'What ended the search.' }),
      rowsLookedAt: Type.Integer({ description: 'Rows of all orgs that the search looked at.' }),
      searchedBackTo: moment('Everything from this time on has been searched.'),
    }),
    'Set if the search ended before the page was full. `next` goes on from there. null: the page is full, or the last.',
  ),
  asOf: asOfEveryEvent,
  next: nextCursor,
});

const BatchSchema = Type.Object({
  batchId: Type.Integer(),
  source: Type.String({ description: 'How it came: http, import, rabbitmq, self.' }),
  receivedAt: moment('When its first event was received.'),
  storedAt: moment('When it was committed.'),
  rolledUpAt: orNull(moment('When it was rolled up; null: it still waits.')),
  received: Type.Integer(),
  stored: Type.Integer(),
  duplicates: Type.Integer(),
  conflicts: Type.Integer(),
  rejected: Type.Integer(),
});

export const EventLookUpSchema = Type.Object({
  orgId: Type.String(),
  eventId: Type.String({ description: 'The id of the path.' }),
  storedId: Type.String({ description: 'The UUID under which it is stored; for other ids, their UUIDv5.' }),
  outcome: Type.Enum(['stored', 'removed', 'refused'] as const, {
    description:
      'stored: counted. removed: counted, but the raw event is past its time. refused: it conflicts with another event, and was never counted.',
  }),
  event: orNull(StoredEvent),
  lines: Type.Array(StoredEvent, { description: 'The lines of an order, as they were counted.' }),
  batchId: numberOrNull('The batch that stored it.'),
  batch: orNull(
    BatchSchema,
    'The books of that batch; null after about a day, when they are merged with others.',
  ),
  conflicts: Type.Array(ConflictSchema, {
    description: 'Events of the same id and other content, the latest 50.',
  }),
  rememberedSince: moment('Ids that were counted since this time are known.'),
});
