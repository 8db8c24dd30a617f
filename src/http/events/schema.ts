import { Type } from 'typebox';
import { DEFAULT_TYPE, publicTypes } from '../../events/catalogue.ts';
import type { EventType } from '../../events/event-type.ts';
import type { Field } from '../../events/field.ts';

function id(description: string) {
  return { type: 'string', minLength: 1, maxLength: 200, description };
}

const commonFields = {
  eventId: id(
    'Unique within the org for as long as the service remembers ids. An event that is sent again counts once.',
  ),
  orgId: id('The org of the event.'),
  occurredAt: {
    type: ['string', 'number'],
    format: 'date-time',
    description:
      'When it happened, with a time zone, or in seconds or milliseconds since the epoch. At most 400 days ago and 10 minutes ahead.',
  },
  correlationId: id(
    'Groups the events and calls of one operation. Default: the correlation id of the request.',
  ),
  actorId: id('The person or program that caused it.'),
  metadata: {
    type: 'object',
    maxProperties: 50,
    additionalProperties: { type: ['string', 'number', 'boolean', 'null'], maxLength: 1_000 },
    description: 'Fields of your own. Values that are no text are kept as their text.',
  },
};

function describeFields(fields: Record<string, Field>) {
  return {
    properties: Object.fromEntries(
      Object.entries(fields).map(([name, { jsonSchema, about }]) => [
        name,
        { ...jsonSchema, description: about },
      ]),
    ),
    required: Object.entries(fields).flatMap(([name, { optional }]) => (optional ? [] : [name])),
  };
}

function describeType(definition: EventType) {
  const { properties, required } = describeFields(definition.fields);
  const lines = definition.lines && {
    [definition.lines.field]: {
      type: 'array',
      minItems: 1,
      maxItems: definition.lines.maxLines,
      items: { type: 'object', ...describeFields(definition.lines.type.fields), additionalProperties: false },
    },
  };
  const needsType = definition.type !== DEFAULT_TYPE;
  return {
    type: 'object',
    title: definition.title,
    description: definition.about,
    properties: {
      type: { const: definition.type, type: 'string' },
      ...commonFields,
      ...properties,
      ...lines,
    },
    required: [
      ...(needsType ? ['type'] : []),
      'eventId',
      'orgId',
      'occurredAt',
      ...required,
      ...(definition.lines?.unless === undefined ? Object.keys(lines ?? {}) : []),
    ],
    additionalProperties: false,
  };
}

/** Types that no caller sends on their own: lines come inside their event. */
const lineTypes = new Set(publicTypes.flatMap((definition) => definition.lines?.type ?? []));

/** An event of any type, as the catalogue defines it. It only documents the body: the catalogue checks events. */
export const EventSchema = Type.Unsafe<object>({
  $id: 'Event',
  title: 'Event',
  description: `Something that happened. Without a type it is "${DEFAULT_TYPE}".`,
  anyOf: publicTypes.filter((definition) => !lineTypes.has(definition)).map(describeType),
});

/** The envelope of a CloudEvent that carries an event. */
export const CloudEventSchema = Type.Unsafe<object>({
  $id: 'CloudEvent',
  title: 'CloudEvent',
  description:
    'A CloudEvent 1.0. `data` holds the fields of the event. `source` and `id` together are its eventId, as in the standard; ' +
    'an `eventId` in `data` takes their place. `subject` is its orgId, `time` its occurredAt, and `type` its type. ' +
    'Fields that are absent here may be in `data`.',
  type: 'object',
  properties: {
    specversion: { const: '1.0', type: 'string' },
    id: id('Unique within its source.'),
    source: { type: 'string', minLength: 1, description: 'Where it comes from.' },
    type: { type: 'string', enum: publicTypes.map(({ type }) => type) },
    subject: commonFields.orgId,
    time: commonFields.occurredAt,
    data: { type: 'object' },
  },
  required: ['specversion', 'id', 'source', 'type', 'data'],
});
