/**
 * Writes console/src/api/schema.ts: the types of the API, as docs/openapi.json describes it. `--check` only compares the
 * file. Errors are left out: the console throws each as an `ApiFailure`. So are descriptions, which docs/openapi.json has.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import openapiTypescript, { astToString } from 'openapi-typescript';
import { writeGenerated } from './generated-file.ts';

const HEADER = '/** The API, from docs/openapi.json. Generated: `npm run console-types` writes it. */\n\n';
const JSON_TYPE = 'application/json';
const METHODS = ['get', 'put', 'post', 'delete'];

type Json = { [name: string]: unknown };

const text = await readFile(join(import.meta.dirname, '..', 'docs', 'openapi.json'), 'utf8');
const description = JSON.parse(text, (name, value) => (isProse(name, value) ? undefined : value));
for (const item of Object.values<Json>(description.paths)) {
  for (const method of METHODS.filter((name) => name in item)) {
    const operation = item[method] as { responses: Record<string, { content?: Json }> };
    const successes = Object.entries(operation.responses).filter(([status]) => status.startsWith('2'));
    // The console reads JSON; a file in another format is a link.
    for (const [, { content }] of successes) if (content && JSON_TYPE in content) delete content['text/csv'];
    operation.responses = Object.fromEntries(successes);
  }
}
const ast = await openapiTypescript(description, { alphabetize: true });
const types = astToString(ast)
  .replace(/^ +(header|cookie|query|path|requestBody)\?: never;\n/gm, '')
  .replace(/^ +(get|put|post|delete|options|head|patch|trace)\?: never;\n/gm, '')
  .replace(/^ +parameters: \{\n +\};\n/gm, '')
  .replace(/^ +headers: \{\n +\[name: string\]: unknown;\n +\};\n/gm, '')
  .replace(/^export type (webhooks|\$defs|operations) = .*\n/gm, '')
  .replace(/^( {4})+/gm, (indent) => indent.slice(indent.length / 2))
  .replaceAll(/^\s*\/\*\*[\s\S]*?\*\/\n/gm, '');
await writeGenerated('console/src/api/schema.ts', `${HEADER}${types}`, 'console-types');

function isProse(name: string, value: unknown): boolean {
  return (name === 'description' || name === 'summary') && typeof value === 'string';
}
