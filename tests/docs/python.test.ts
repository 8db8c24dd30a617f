/** The Python program of the documentation sends events that count once, also through refusals. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { useService } from '../support/service/service.ts';
import { skipUnless } from '../support/skip-unless.ts';
import { missingProgram } from './shell.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/connect/python.md'), 'utf8');
const program = /```python\n([\s\S]*?)```/.exec(page)?.[1] ?? '';

describe('the program', skipUnless(missingProgram(['python3']) === undefined, 'needs python3'), () => {
  const service = useService();

  test('sends the same events again after a refusal and a broken connection, and each counts once', async () => {
    const { json } = await service.call('/analytics/v1/api-keys', {
      body: { name: 'python', role: 'ingest', orgs: ['acme'] },
    });
    const bodies: string[] = [];
    // In front of the service: refuses the first request, stores the second without an answer, and passes the rest on.
    const unreliable = createServer(async (request, response) => {
      let body = '';
      for await (const piece of request) body += piece;
      bodies.push(body);
      if (bodies.length === 1) return void response.writeHead(503, { 'retry-after': '0' }).end();
      const answer = await fetch(service.origin + request.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': String(request.headers['x-api-key']) },
        body,
      });
      if (bodies.length === 2) return void request.socket.destroy();
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void unreliable.close());
    await new Promise((resolve) => unreliable.once('listening', resolve));
    const { port } = unreliable.address() as AddressInfo;
    const env = { TIDEMARK_ADDRESS: `http://127.0.0.1:${port}`, TIDEMARK_KEY: json.key };
    const { stdout } = await promisify(execFile)('python3', ['-c', program], {
      env: { ...process.env, ...env },
    });
    expect(stdout).toBe('0 stored, 2 duplicates\n');
    expect(bodies).toHaveLength(3);
    expect(new Set(bodies).size).toBe(1);
    const { rows } = await service.database.pool.query(
      'select count(*)::int as events from analytics.events',
    );
    expect(rows).toEqual([{ events: 2 }]);
  });
});
