import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { useService } from '../support/service/service.ts';
import { root } from './documents.ts';

const page = readFileSync(join(root, 'docs/connect/typescript.md'), 'utf8');
const program = /```ts\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
const service = useService();

test('the first example tracks a call, an order and a job', async () => {
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
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  expect({ output, errors, code }).toEqual({ output: '', errors: '', code: 0 });
  const { rows } = await service.database.pool.query('select type from analytics.events order by type');
  expect(rows).toEqual([{ type: 'ml_job' }, { type: 'order' }, { type: 'usage' }]);
});
