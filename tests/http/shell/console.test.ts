import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { useService } from '../../support/service/service.ts';

// As `npm ci` does; if nothing has changed since, this does nothing.
beforeAll(() => {
  const build = join(import.meta.dirname, '../../../console/build.js');
  execFileSync(process.execPath, [build, '--required'], { stdio: 'inherit' });
});

const service = useService();

function get(path: string, headers: Record<string, string> = {}) {
  return fetch(`${service.origin}${path}`, { headers, redirect: 'manual' });
}

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'";

test('the root leads to the console', async () => {
  const answer = await get('/');
  expect(answer.status).toBe(302);
  expect(answer.headers.get('location')).toBe('console');
});

describe('the page', () => {
  test.each(['/console', '/console/', '/console/usage?org=acme&range=7d', '/console/a/b/c'])(
    'answers at %s, and is checked on each visit',
    async (path) => {
      const answer = await get(path);
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain('<div id="root">');
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(answer.headers.get('content-security-policy')).toBe(POLICY);
      expect(answer.headers.get('cache-control')).toBe('no-cache');
    },
  );

  test('is not sent again to those who have it', async () => {
    const tag = (await get('/console')).headers.get('etag') ?? '';
    expect((await get('/console', { 'if-none-match': tag })).status).toBe(304);
  });

  test('counts against the limit of public pages', async () => {
    expect((await get('/console')).headers.get('ratelimit-policy')).toContain('"public"');
  });
});

describe('its files', () => {
  async function fileNames() {
    const page = await (await get('/console/alerts')).text();
    return [...page.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path = '']) => path);
  }

  test('have addresses from the root, and are kept for ever', async () => {
    const paths = await fileNames();
    expect(paths.length).toBeGreaterThan(2);
    for (const path of paths) {
      const answer = await get(path);
      expect(answer.status, path).toBe(200);
      expect(answer.headers.get('cache-control'), path).toBe('public, max-age=31536000, immutable');
    }
  });

  test.each(['br', 'gzip'])('come compressed by %s', async (encoding) => {
    const script = (await fileNames()).find((path) => path.endsWith('.js')) ?? '';
    const answer = await get(script, { 'accept-encoding': encoding });
    expect(answer.headers.get('content-encoding')).toBe(encoding);
    expect(answer.headers.get('content-type')).toContain('javascript');
    expect(await answer.text()).toContain('import');
  });

  test.each([
    '/console/assets/none.js',
    '/console/assets/..%2Findex.html',
    '/console/assets/%2e%2e%2fmade-of',
  ])('%s does not exist', async (path) => {
    expect((await get(path)).status).toBe(404);
  });
});
