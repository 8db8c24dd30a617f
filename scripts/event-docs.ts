/**
 * Writes docs/events.md from the catalogue. Each type has its purpose, its fields with their bounds and storage, its
 * metrics, and an example that the catalogue has read. `--check` only compares the file.
 */
import { catalogue, DEFAULT_TYPE } from '../src/events/catalogue.ts';
import { dimensionsOf, type EventType, metricsOf } from '../src/events/event-type.ts';
import { type Field, Refusal } from '../src/events/field.ts';
import { envelopeFields } from '../src/events/read-envelope.ts';
import { readEvent } from '../src/events/read-event.ts';
import { EventSchema } from '../src/http/events/schema.ts';
import { MINUTE } from '../src/time.ts';
import { EXAMPLE_TIME, eventExamples } from './event-examples.ts';
import { writeGenerated } from './generated-file.ts';
import { code, codeList, fenced, markdownTable } from './markdown.ts';

const NOW = Date.parse(EXAMPLE_TIME) + MINUTE;

const INTRODUCTION = `# Events

This page lists every event type and field that you can send to Tidemark. \`npm run event-docs\` writes it from the definitions in
\`src/events/\`. The same definitions validate, store and roll up the events.

## How to read this page

An event is a JSON object. Send it over HTTP as in [first steps](first-steps.md#events), through [RabbitMQ](rabbitmq.md), or from a file.

- Tidemark refuses a field that is not listed. \`metadata\` takes free fields. With \`?lenient=true\` the unknown fields of an event
  go there by themselves, and the answer warns of them.
- In an optional field, \`null\` counts as absent.
- An event without a \`type\` is of type ${code(DEFAULT_TYPE)}.

The tables and lists use these words:

- A **column** is the column of \`analytics.events\` that keeps the field. A field without one is kept in the column \`attributes\`.
- A **dimension** separates rollups: each combination of an org, a type and its dimensions is a series of its own. So a dimension should have
  few values: a model, a route pattern or a provider, but not a user or a path.
- A **measure** is added up. Durations also keep minimum, maximum and a sketch, for percentiles.
- **Numbers** are the values that rollups give, by name. Alert rules watch them by these names, and the answers of the API consist
  of them. The API and alert rules write dimensions in camelCase: \`modelId\` for \`model_id\`.

Durations are stored as whole microseconds. Costs are stored as whole nano-dollars, and amounts of orders as whole
ten-thousandths of a cent. No value is a float.`;

const NEXT = `## Next

- [First steps](first-steps.md): send events and read the numbers.
- [Events from RabbitMQ](rabbitmq.md).
- [Alerting](alerting.md): watch one of these numbers.
- [Prices](prices.md) of ML jobs that do not report their cost.
- [A new event type](../CONTRIBUTING.md#adding-an-event-type).`;

function expected(field: Field): string {
  // No field accepts an object, so the refusal names what the field accepts.
  const answer = field.read({});
  if (!(answer instanceof Refusal)) throw new Error('a field accepted an object');
  return answer.expected;
}

function unitOf(field: Field): string {
  if (field.jsonSchema.description === 'Milliseconds') return ' (µs)';
  if (field.column === 'cost') return ' (nano-dollars)';
  return String(field.jsonSchema.description ?? '').startsWith('Cents') ? ' (1/10,000 cent)' : '';
}

function keptAs(definition: EventType, field: Field): string {
  if (field.column === undefined) return `attributes${unitOf(field)}`;
  const column = code(field.column) + unitOf(field);
  if (field.dimension) return `${column}, dimension`;
  if (field.column === 'quantity' && definition.gauge) return `${column}, gauge: the last one stands`;
  return field.jsonSchema.type === 'string' ? column : `${column}, measure`;
}

function fieldsTable(definition: EventType, more: readonly (readonly string[])[] = []): string {
  return markdownTable(
    ['field', 'meaning', 'must be', 'kept as'],
    [
      ...Object.entries(definition.fields).map(([name, field]) => [
        field.optional ? `${code(name)} (optional)` : code(name),
        field.about,
        expected(field),
        keptAs(definition, field),
      ]),
      ...more,
    ],
  );
}

/** The fields of every event, with the texts of the API description and of refusals. */
function envelopeTable(): string {
  const wrong = Object.fromEntries(envelopeFields.map((name) => [name, 0]));
  const faults = [
    readEvent({ ...wrong, type: DEFAULT_TYPE }, { now: NOW }),
    readEvent(wrong, { now: NOW }),
  ].flatMap((read) => (Array.isArray(read) ? read : []));
  const [described] = (EventSchema as unknown as { anyOf: EnvelopeSchema[] }).anyOf;
  return markdownTable(
    ['field', 'meaning', 'must be'],
    envelopeFields.map((name) => {
      const fault = faults.find(({ path }) => path === `$.${name}`);
      if (!fault) throw new Error(`no fault was found in ${name}`);
      const optional = name === 'type' || !described?.required.includes(name);
      return [
        optional ? `${code(name)} (optional)` : code(name),
        described?.properties[name]?.description ?? `Type of the event; ${DEFAULT_TYPE} by default.`,
        fault.message.replace(/^must (be|have) ?/, (_, verb) => (verb === 'have' ? 'an object with ' : '')),
      ];
    }),
  );
}

interface EnvelopeSchema {
  properties: Record<string, { description?: string }>;
  required: string[];
}

function exampleOf({ type }: EventType): string {
  const example = eventExamples[type];
  if (!example) throw new Error(`${type} has no example in scripts/event-examples.ts`);
  const read = readEvent(example, { now: NOW });
  if (Array.isArray(read)) throw new Error(`the example of ${type} is invalid: ${JSON.stringify(read)}`);
  return fenced('json', JSON.stringify(example, null, 2));
}

function linesSection({ lines }: EventType): string[] {
  if (!lines) return [];
  const { field, type, maxLines } = lines;
  return [
    `Each of its ${code(field)}, at most ${maxLines}, is stored beside it as a row of type ${code(type.type)}. ${type.about} Its dimensions ` +
      `are ${codeList(dimensionsOf(type))}. A line takes a missing one of these from its order.`,
    fieldsTable(type),
    `Metrics of the lines: ${codeList(metricsOf(type))}.`,
  ];
}

function errorsOf({ failures, undecided, type, derivedDimensions = [] }: EventType): string[] {
  if (failures.length === 0) return [];
  const derived = derivedDimensions.includes('status') ? ', which follows from the other fields,' : '';
  return [
    `An event of type ${code(type)} is an error if its ${code('status')}${derived} is ${anyOf(failures)}.${
      undecided === undefined
        ? ''
        : ` An event that is ${anyOf(undecided)} counts neither as an error nor as a success.`
    }`,
  ];
}

function anyOf(statuses: readonly string[]): string {
  return statuses
    .map(code)
    .join(', ')
    .replace(/, ([^,]*)$/, ' or $1');
}

function section(definition: EventType): string[] {
  const { type, title, about, lines } = definition;
  const list = lines && [
    [
      code(lines.field),
      `The lines, see below${lines.unless === undefined ? '' : `; required without ${code(lines.unless)}`}`,
      `an array of 1 to ${lines.maxLines} lines`,
      'rows of their own',
    ],
  ];
  return [
    `## ${title}: ${code(type)}`,
    about + (type === DEFAULT_TYPE ? ' An event without a `type` is of this type.' : ''),
    fieldsTable(definition, list),
    ...errorsOf(definition),
    `Dimensions: ${codeList(dimensionsOf(definition))}. Metrics: ${codeList(metricsOf(definition))}.`,
    ...linesSection(definition),
    definition.internal
      ? 'Only Tidemark writes these events. It refuses an event that is sent with this type.'
      : exampleOf(definition),
  ];
}

const lineTypes = new Set(catalogue.flatMap(({ lines }) => lines?.type ?? []));

const text = [
  INTRODUCTION,
  '## Fields of every event',
  envelopeTable(),
  'An `eventId` that is not a UUID is mapped to its UUIDv5 in the namespace of the org. The original id is kept beside it.',
  ...catalogue.filter((definition) => !lineTypes.has(definition)).flatMap(section),
  NEXT,
].join('\n\n');

await writeGenerated('docs/events.md', `${text}\n`, 'event-docs');
