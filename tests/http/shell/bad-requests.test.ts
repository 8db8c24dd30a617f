import { SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { JWT_SECRET, tokenOf, useService } from '../../support/service/service.ts';

const service = useService({ JWT_AUDIENCE: 'tidemark' });

const secret = new TextEncoder().encode(JWT_SECRET);
const claims = { sub: 'eve', roles: ['admin'], exp: Math.floor(Date.now() / 1_000) + 600, aud: 'tidemark' };

function sign(payload: Record<string, unknown>, key = secret, alg = 'HS256') {
  return new SignJWT(payload).setProtectedHeader({ alg }).sign(key);
}

const KEYS = '/analytics/v1/api-keys';
const good = await sign(claims);

describe.each<[string, () => Promise<Record<string, string>>]>([
  ['no credentials', async () => ({})],
  ['an expired token', async () => ({ authorization: `Bearer ${await sign({ ...claims, exp: 1 })}` })],
  [
    'a token that never expires',
    async () => ({
      authorization: `Bearer ${await sign({ sub: 'eve', roles: ['admin'], aud: 'tidemark' })}`,
    }),
  ],
  ['an unsigned token', async () => ({ authorization: `Bearer ${new UnsecuredJWT(claims).encode()}` })],
  [
    'a token for another audience',
    async () => ({ authorization: `Bearer ${await sign({ ...claims, aud: 'wiki' })}` }),
  ],
  ['a token for no audience', async () => ({ authorization: `Bearer ${await tokenOf(['admin'])}` })],
  [
    'a token signed with another secret',
    async () => ({ authorization: `Bearer ${await sign(claims, new Uint8Array(32))}` }),
  ],
  [
    'a token signed another way',
    async () => ({ authorization: `Bearer ${await sign(claims, secret, 'HS384')}` }),
  ],
  ['a token under another scheme', async () => ({ authorization: `Basic ${good}` })],
  ['two tokens', async () => ({ authorization: `Bearer ${good}, Bearer ${good}` })],
  ['a token of 10,000 characters', async () => ({ authorization: `Bearer ${'a'.repeat(10_000)}` })],
  ['a malformed API key', async () => ({ 'x-api-key': 'tmk_' })],
  ['an API key that never existed', async () => ({ 'x-api-key': `tmk_${'0'.repeat(16)}_${'a'.repeat(43)}` })],
  ['SQL for an API key', async () => ({ 'x-api-key': "' or 1=1; --" })],
])('a request with %s', (_, headers) => {
  test('is answered by 401, and says how to authenticate', async () => {
    const answer = await service.call(KEYS, { token: null, headers: await headers() });
    expect(answer.json).toMatchObject({ status: 401, code: 'unauthenticated', instance: KEYS });
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
    expect(answer.text).not.toContain(JWT_SECRET);
  });
});

test('a good token is accepted', async () => {
  expect((await service.call(KEYS, { token: good })).status).toBe(200);
});

describe('a request is refused', () => {
  const call = (path: string, method = 'GET', body?: unknown) =>
    service.call(path, { token: good, method, body });

  test('for unknown parameters', async () => {
    const { json } = await call(`${KEYS}?orgID=acme&limit=1`);
    expect(json).toMatchObject({
      status: 400,
      code: 'invalid_request',
      errors: [{ path: 'orgID' }, { path: 'limit' }],
    });
  });

  test.each(['/nope', '/analytics/v1/org', '/analytics/v1/events/../../etc/passwd', '//evil.example/'])(
    'for an unknown path: %s',
    async (path) => {
      expect((await call(path)).json).toMatchObject({ status: 404, code: 'not_found', errors: [] });
    },
  );

  test.each([
    ['DELETE', '/analytics/v1/events', 'POST'],
    ['PUT', KEYS, 'GET, HEAD, POST'],
    ['OPTIONS', KEYS, 'GET, HEAD, POST'],
    ['POST', '/metrics', 'GET, HEAD'],
  ])('for the wrong method: %s %s', async (method, path, allow) => {
    const { status, headers, text } = await call(path, method);
    expect({ status, allow: headers.get('allow') }).toEqual({ status: 405, allow });
    expect(JSON.parse(text)).toMatchObject({ code: 'method_not_allowed' });
  });

  test.each(['/analytics/v1/%zz', '/%', '/%c0%af'])('for a malformed path: %s', async (path) => {
    expect((await call(path)).json).toMatchObject({ status: 400, code: 'invalid_request' });
  });

  test('for a body that does not fit its schema, field by field', async () => {
    const { json } = await call(KEYS, 'POST', { name: '', role: 'king', orgs: 'acme', admin: true });
    expect(json).toMatchObject({ status: 400, code: 'invalid_request' });
    const paths = json.errors.map(({ path }: { path: string }) => path).sort();
    expect(paths).toEqual(['$.admin', '$.name', '$.orgs', '$.role']);
  });

  test('for a prototype in the body', async () => {
    const { json } = await call(
      KEYS,
      'POST',
      '{"name":"n","role":"ingest","orgs":["acme"],"__proto__":{"role":"admin"}}',
    );
    expect(json).toMatchObject({ status: 400, errors: [{ path: '$.__proto__' }] });
  });

  test.each(['a\0b', '\ud83d'])('for text that cannot be stored: %j', async (text) => {
    const { json } = await call(KEYS, 'POST', { name: 'n', role: 'ingest', orgs: ['acme', text] });
    expect(json).toMatchObject({ status: 400, errors: [{ path: '$.orgs[1]' }] });
    expect((await call(`${KEYS}/${encodeURIComponent('a\0')}`, 'DELETE')).json).toMatchObject({
      status: 400,
      errors: [{ path: 'keyId' }],
    });
  });

  test('for missing fields, by their names', async () => {
    const { json } = await call(KEYS, 'POST', { role: 'ingest' });
    expect(json.errors).toEqual([
      { path: '$.name', message: 'is required' },
      { path: '$.orgs', message: 'is required' },
    ]);
  });
});

test.each(['a b', 'x'.repeat(129), '"quoted"', '<script>'])(
  'a correlation id such as %.20s is replaced, never repeated',
  async (id) => {
    const { headers } = await service.call('/analytics/v1/status/healthz', {
      headers: { 'x-correlation-id': id, 'x-request-id': id },
    });
    expect(headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  },
);
