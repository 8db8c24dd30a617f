/**
 * Writes client/src/event-types.ts: the types of all events, as docs/openapi.json describes them. `--check` only compares
 * the file.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compile, type JSONSchema } from 'json-schema-to-typescript';
import { writeGenerated } from './generated-file.ts';

interface EventSchema {
  title: string;
  properties: { type: { const: string } };
}

const description = JSON.parse(
  await readFile(join(import.meta.dirname, '..', 'docs', 'openapi.json'), 'utf8'),
);
const { anyOf }: { anyOf: EventSchema[] } = description.components.schemas.Event;
const events = anyOf.map((schema) => ({ ...schema, title: nameOf(schema) }));
const types = await compile({ title: 'StoredEvent', anyOf: events } as unknown as JSONSchema, 'StoredEvent', {
  bannerComment:
    '/** The events of Tidemark, from docs/openapi.json. Generated: `npm run client-events` writes it. */',
  additionalProperties: false,
  format: true,
  style: { singleQuote: true, printWidth: 110 },
});
await writeGenerated('client/src/event-types.ts', types, 'client-events');

/** `api_request` becomes `ApiRequestEvent`. */
function nameOf({ properties }: EventSchema): string {
  const words = properties.type.const.split('_');
  return `${words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join('')}Event`;
}
