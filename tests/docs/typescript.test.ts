import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { useService } from '../support/service/service.ts';
import { root } from './documents.ts';

const service = useService();

test.each([
  { page: 'docs/connect/typescript.md', tracked: ['ml_job', 'order', 'usage'] },
  { page: 'README.md', tracked: ['usage'] },
])('the first example of $page tracks what it shows', async ({ page, tracked }) => {
  const text = readFileSync(join(root, page), 'utf8');
  const program = /```ts\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
  const { json } = await service.call('/analytics/v1/api-keys', {
    body: { name: 'example', role: 'ingest', orgs: ['acme'] },
  });
  const here = program
    .replace('@tidemark/client', join(root, 'client/src/tidemark.ts'))
    .replace('http://127.0.0.1:8084', service.origin);
  const child = spawn(process.execPath, ['--input-type=module', '--eval', here], {
    env: { ...process.env, TIDEMARK_API_KEY: json.key },
  });
  const [output, errors, [code]] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    once(child, 'exit'),
  ]);
  expect({ output, errors, code }).toEqual({ output: '', errors: '', code: 0 });
  const { rows } = await service.database.pool.query('delete from analytics.events returning type');
  expect(rows.map(({ type }) => type).sort()).toEqual(tracked);
});
