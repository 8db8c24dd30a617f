/**
 * Writes docs/events.md from the catalogue: what each type is for, its fields with their bounds and where
 * they are kept, the names of its numbers, and an example that the catalogue itself has read. With `--check`
 * it only says whether the file is up to date.
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

What can be sent to Tidemark, type by type. This page is written by \`npm run event-docs\` from the definitions in
\`src/events/\`, which also validate, store and roll up the events, so it says what the code does.

An event is a JSON object. Fields that are not listed are refused (\`metadata\` takes free ones), \`null\` counts as
absent where a field is optional, and the type may be left out for ${code(DEFAULT_TYPE)}.

- A **column** is where \`analytics.events\` keeps the field; a field without one is kept in the column \`attributes\`.
- A **dimension** keeps rollups apart: each combination of an org, a type and its dimensions is a series of its own. So
  its values should be few: a model, a route pattern, a provider, and not a user or a path.
- A **measure** is added up. Durations are also kept as minimum, maximum and sketch, for percentiles.
- Durations are stored as whole microseconds, costs and amounts as whole ten-thousandths of a cent: nothing is a float.
- The **numbers** of a type are what its rollups can tell, by name: alert rules watch them by these names, and the answers of the
  API are made of them.`;

function expected(field: Field): string {
  // What a field says to a value that nothing takes is what it takes.
  const answer = field.read({});
  if (!(answer instanceof Refusal)) throw new Error('a field took an object');
  return answer.expected;
}

function unitOf(field: Field): string {
  if (field.jsonSchema.description === 'Milliseconds') return ' (µs)';
  return String(field.jsonSchema.description ?? '').startsWith('Cents') ? ' (1/10,000 cent)' : '';
}

function keptAs(definition: EventType, field: Field): string {
  if (field.column === undefined) return 'attributes';
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

/** The envelope, in the words of the API's description and of the refusals it meets. */
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
      if (!fault) throw new Error(`no fault was found with ${name}`);
      const optional = name === 'type' || !described?.required.includes(name);
      return [
        optional ? `${code(name)} (optional)` : code(name),
        described?.properties[name]?.description ?? `What kind of event it is; ${DEFAULT_TYPE} unless given.`,
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
  if (Array.isArray(read)) throw new Error(`the example of ${type} is not right: ${JSON.stringify(read)}`);
  return fenced('json', JSON.stringify(example, null, 2));
}

function linesSection({ lines }: EventType): string[] {
  if (!lines) return [];
  const { field, type, maxLines } = lines;
  return [
    `Each of its ${code(field)} is stored beside it as a row of type ${code(type.type)}, at most ${maxLines}. ${type.about} Its dimensions ` +
      `are ${codeList(dimensionsOf(type))}; what the line does not say itself it takes over from the order.`,
    fieldsTable(type),
    `Numbers of the lines: ${codeList(metricsOf(type))}.`,
  ];
}

function errorsOf({ failures, undecided, type, derivedDimensions = [] }: EventType): string[] {
  if (failures.length === 0) return [];
  const derived = derivedDimensions.length > 0 ? ', which follows from the other fields,' : '';
  return [
    `An event of type ${code(type)} is an error when its ${code('status')}${derived} is ${anyOf(failures)}.${
      undecided === undefined ? '' : ` One that is ${anyOf(undecided)} is no part of the shares.`
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
      'Its lines, see below',
      `an array of 1 to ${lines.maxLines} lines`,
      'rows of their own',
    ],
  ];
  return [
    `## ${title}: ${code(type)}`,
    about + (type === DEFAULT_TYPE ? ' The type of an event that names none.' : ''),
    fieldsTable(definition, list),
    ...errorsOf(definition),
    `Dimensions: ${codeList(dimensionsOf(definition))}. Its numbers: ${codeList(metricsOf(definition))}.`,
    ...linesSection(definition),
    definition.internal
      ? 'Only Tidemark writes it: an event sent with this type is refused.'
      : exampleOf(definition),
  ];
}

const lineTypes = new Set(catalogue.flatMap(({ lines }) => lines?.type ?? []));

const text = [
  INTRODUCTION,
  '## What every event has',
  envelopeTable(),
  'An `eventId` that is no UUID is mapped to its UUIDv5 in the namespace of the org, and kept as sent beside it.',
  ...catalogue.filter((definition) => !lineTypes.has(definition)).flatMap(section),
].join('\n\n');

await writeGenerated('docs/events.md', `${text}\n`, 'event-docs');
