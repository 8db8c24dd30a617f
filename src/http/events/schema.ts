import { Type } from 'typebox';
import { DEFAULT_TYPE, publicTypes } from '../../events/catalogue.ts';
import type { EventType } from '../../events/event-type.ts';
import type { Field } from '../../events/field.ts';

function id(description: string) {
  return { type: 'string', minLength: 1, maxLength: 200, description };
}

const commonFields = {
  eventId: id(
    'Unique within the org for as long as ids are remembered; the same event sent again counts once.',
  ),
  orgId: id('Whose event it is.'),
  occurredAt: {
    type: 'string',
    format: 'date-time',
    description: 'When it happened, with its zone; at most 400 days ago and 10 minutes ahead.',
  },
  correlationId: id('The story it is part of; by default that of the request.'),
  actorId: id('Who caused it.'),
  metadata: {
    type: 'object',
    maxProperties: 50,
    additionalProperties: { type: 'string', maxLength: 1_000 },
    description: 'Free fields.',
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
      ...Object.keys(lines ?? {}),
    ],
    additionalProperties: false,
  };
}

/** Types a caller can send by themselves: lines come inside of their event. */
const lineTypes = new Set(publicTypes.flatMap((definition) => definition.lines?.type ?? []));

/** An event of any type, as the catalogue defines it. For documentation: the catalogue itself checks events. */
export const EventSchema = Type.Unsafe<object>({
  $id: 'Event',
  title: 'Event',
  description: `What happened. Without a type it is "${DEFAULT_TYPE}".`,
  anyOf: publicTypes.filter((definition) => !lineTypes.has(definition)).map(describeType),
});

/** The envelope of a CloudEvent that carries an event. */
export const CloudEventSchema = Type.Unsafe<object>({
  $id: 'CloudEvent',
  title: 'CloudEvent',
  description:
    'A CloudEvent 1.0. Its data holds the fields of the event; id is its eventId (so ids must be unique within the org, whatever their source), ' +
    'subject its orgId, time its occurredAt, and type its type when it is one of ours. What is left out here may stand in data.',
  type: 'object',
  properties: {
    specversion: { const: '1.0', type: 'string' },
    id: commonFields.eventId,
    source: { type: 'string', minLength: 1, description: 'Where it comes from; not kept.' },
    type: { type: 'string', minLength: 1 },
    subject: commonFields.orgId,
    time: commonFields.occurredAt,
    data: { type: 'object' },
  },
  required: ['specversion', 'id', 'source', 'type', 'data'],
});
