import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CompactSign,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTokenVerifier, signToken } from '../../src/auth/jwt.ts';
import { DAY, HOUR } from '../../src/time.ts';

const secret = 'correct horse battery staple, forty bytes';
const now = Date.UTC(2026, 5, 1, 12);
const clock = { now: () => now };
const open = { clock, audience: undefined, issuer: undefined };
const guarded = { clock, audience: 'tidemark', issuer: 'https://id.example' };

const maxLifetime = 30 * DAY;
const claims = { sub: 'ada', roles: ['engineer'], orgs: ['acme'], exp: now / 1_000 + 60 };
const bytes = new TextEncoder().encode(secret);

function sign(
  payload: JWTPayload = claims,
  alg = 'HS256',
  key: Parameters<SignJWT['sign']>[0] = bytes,
  kid?: string,
) {
  return new SignJWT(payload).setProtectedHeader({ alg, ...(kid && { kid }) }).sign(key);
}

const refused = { code: 'unauthenticated' };

/** Verifies tokens, and gives only whose they are. */
function actorOf(options: Parameters<typeof createTokenVerifier>[0]) {
  const verify = createTokenVerifier(options);
  return async (token: string) => (await verify(token)).actor;
}

describe('while a secret is replaced', () => {
  const previousSecret = 'the secret of last year, also forty bytes';
  const verify = actorOf({ keys: { secret, previousSecret }, ...open, maxLifetime });
  const signedWith = (text: string, payload = claims) =>
    sign(payload, 'HS256', new TextEncoder().encode(text));

  test('tokens of both secrets are accepted, and of no other', async () => {
    expect(await verify(await signedWith(secret))).toMatchObject({ id: 'ada' });
    expect(await verify(await signedWith(previousSecret))).toMatchObject({ id: 'ada' });
    await expect(
      verify(await signedWith('a secret that nobody has configured, 44 bytes')),
    ).rejects.toMatchObject(refused);
  });

  test('an expired token of the previous secret is refused as expired', async () => {
    const expired = await signedWith(previousSecret, { ...claims, exp: now / 1_000 - 600 });
    await expect(verify(expired)).rejects.toMatchObject({
      ...refused,
      message: expect.stringMatching(/expired/),
    });
  });
});

describe('a token signed with the shared secret', () => {
  const verify = actorOf({ keys: { secret }, ...open, maxLifetime });
  const verifyGuarded = actorOf({ keys: { secret }, ...guarded, maxLifetime });

  test('gives its subject, roles and orgs', async () => {
    expect(await verify(await sign())).toEqual({
      id: 'ada',
      roles: ['engineer'],
      orgs: ['acme'],
      via: 'jwt',
    });
  });

  test('needs no orgs, and may carry roles meant for other services', async () => {
    const token = await sign({ sub: 'ada', roles: ['admin', 'wiki-editor', 'toString'], exp: claims.exp });
    expect(await verify(token)).toMatchObject({ roles: ['admin'], orgs: [] });
  });

  test('is the kind that Tidemark issues itself', async () => {
    const token = await signToken(
      secret,
      { subject: 'root', roles: ['admin'], orgs: [], lifetime: HOUR },
      guarded,
    );
    expect(await verifyGuarded(token)).toEqual({ id: 'root', roles: ['admin'], orgs: [], via: 'jwt' });
  });

  test.each<[string, Record<string, unknown>]>([
    ['has expired', { ...claims, exp: now / 1_000 - 6 }],
    ['never expires', { ...claims, exp: undefined }],
    ['is not valid yet', { ...claims, nbf: now / 1_000 + 60 }],
    ['has no subject', { ...claims, sub: undefined }],
    ['has an empty subject', { ...claims, sub: '' }],
    ['has a NUL byte in its subject', { ...claims, sub: 'a\0' }],
    ['has half of a surrogate pair in its subject', { ...claims, sub: 'a\ud800' }],
    ['has a subject of 10,000 characters', { ...claims, sub: 'a'.repeat(10_000) }],
    ['has no roles', { ...claims, roles: undefined }],
    ['has its roles as text', { ...claims, roles: 'admin' }],
    ['claims all orgs as its own', { ...claims, orgs: ['acme', '*'] }],
    ['has half of a surrogate pair in an org', { ...claims, orgs: ['acme', 'a\udc00'] }],
    ['has a NUL byte in an org', { ...claims, orgs: ['a\0'] }],
    ['has half of a surrogate pair in a role', { ...claims, roles: ['admin', 'a\ud800'] }],
    ['was issued in the future', { ...claims, iat: now / 1_000 + 30 }],
    ['lives too long', { ...claims, iat: now / 1_000 - 1, exp: (now + maxLifetime) / 1_000 }],
    ['lives too long from now', { ...claims, exp: (now + maxLifetime) / 1_000 + 1 }],
    ['has orgs that are not texts', { ...claims, orgs: [{ id: 'acme' }] }],
  ])('is refused when it %s', async (_, payload) => {
    await expect(verify(await sign(payload as JWTPayload))).rejects.toMatchObject(refused);
  });

  test.each(['1e999', '9e15', '1e308'])('is refused when it expires at %s', async (exp) => {
    const payload = `{"sub":"ada","roles":["admin"],"exp":${exp}}`;
    const token = await new CompactSign(Buffer.from(payload))
      .setProtectedHeader({ alg: 'HS256' })
      .sign(bytes);
    await expect(verify(token)).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('expire within 30 days of its issue'),
    });
  });

  test('may live as long as is allowed, though most of that is past', async () => {
    const issued = (now - maxLifetime) / 1_000;
    await expect(verify(await sign({ ...claims, iat: issued + 60 }))).resolves.toMatchObject({ id: 'ada' });
  });

  test('is refused after it has expired, though it was accepted before', async () => {
    let time = now;
    const verifyNow = actorOf({
      keys: { secret },
      ...open,
      clock: { now: () => time },
      maxLifetime,
    });
    const token = await sign();
    await expect(verifyNow(token)).resolves.toMatchObject({ id: 'ada' });
    time += 61_000 + 5_000;
    await expect(verifyNow(token)).rejects.toMatchObject(refused);
  });

  test('is refused once it is revoked, though it was accepted before', async () => {
    const revoked = new Set<string>();
    const verifyNow = actorOf({
      keys: { secret },
      ...open,
      maxLifetime,
      isRevoked: ({ actor }) => revoked.has(actor.id),
    });
    const token = await sign();
    await expect(verifyNow(token)).resolves.toMatchObject({ id: 'ada' });
    revoked.add('ada');
    await expect(verifyNow(token)).rejects.toMatchObject(refused);
  });

  test('is accepted within a small difference of clocks', async () => {
    await expect(verify(await sign({ ...claims, exp: now / 1_000 - 3 }))).resolves.toMatchObject({
      id: 'ada',
    });
  });

  test.each([
    ['audience', { iss: guarded.issuer, aud: 'another' }],
    ['audience', { iss: guarded.issuer }],
    ['issuer', { iss: 'https://evil.example', aud: guarded.audience }],
    ['issuer', { aud: guarded.audience }],
  ])('is refused with another %s', async (_, payload) => {
    await expect(verifyGuarded(await sign({ ...claims, ...payload }))).rejects.toMatchObject(refused);
  });

  test('is refused when it is unsigned, signed with another secret, cut or changed', async () => {
    const good = await sign();
    const [header, , signature] = good.split('.');
    const admin = Buffer.from(JSON.stringify({ ...claims, roles: ['admin'] })).toString('base64url');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const forgeries = [
      new UnsecuredJWT(claims).encode(),
      `${none}.${admin}.${signature}`,
      `${header}.${admin}.${signature}`,
      await sign(claims, 'HS256', new TextEncoder().encode('x'.repeat(40))),
      await sign(claims, 'HS512', bytes),
      good.slice(0, -2),
      good.split('.').slice(0, 2).join('.'),
      'a.b.c',
      '...',
    ];
    for (const forgery of forgeries) await expect(verify(forgery), forgery).rejects.toMatchObject(refused);
  });

  test('is refused when it is signed by a key pair', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    await expect(verify(await sign(claims, 'RS256', privateKey))).rejects.toMatchObject(refused);
  });
});

describe('a token signed by an identity provider', () => {
  const pairs = {
    rsa: generateKeyPair('RS256', { extractable: true }),
    ec: generateKeyPair('ES256', { extractable: true }),
  };
  let published: object[] = [];
  const provider = createServer((_request, response) => response.end(JSON.stringify({ keys: published })));
  let url = '';

  beforeAll(async () => {
    published = [
      { ...(await exportJWK((await pairs.rsa).publicKey)), kid: 'rsa-1', alg: 'RS256', use: 'sig' },
      { ...(await exportJWK((await pairs.ec).publicKey)), kid: 'ec-1', alg: 'ES256', use: 'sig' },
    ];
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/keys`;
  });
  afterAll(() => provider.close());

  const verifier = () => actorOf({ keys: { jwksUrl: url }, ...open, maxLifetime });

  test('is checked against the published keys', async () => {
    const verify = verifier();
    expect(await verify(await sign(claims, 'RS256', (await pairs.rsa).privateKey, 'rsa-1'))).toMatchObject({
      id: 'ada',
    });
    expect(await verify(await sign(claims, 'ES256', (await pairs.ec).privateKey, 'ec-1'))).toMatchObject({
      id: 'ada',
    });
  });

  test('is refused when its key is not published', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const verify = verifier();
    await expect(verify(await sign(claims, 'RS256', privateKey, 'rsa-2'))).rejects.toMatchObject(refused);
    await expect(verify(await sign(claims, 'RS256', privateKey, 'rsa-1'))).rejects.toMatchObject(refused);
  });

  test('is refused when the public key was used as a shared secret, and without any key', async () => {
    const verify = verifier();
    const pem = new TextEncoder().encode(await exportSPKI((await pairs.rsa).publicKey));
    await expect(verify(await sign(claims, 'HS256', pem, 'rsa-1'))).rejects.toMatchObject(refused);
    await expect(verify(new UnsecuredJWT(claims).encode())).rejects.toMatchObject(refused);
  });

  test('is neither accepted nor refused while the provider is away', async () => {
    const verify = actorOf({
      keys: { jwksUrl: 'http://127.0.0.1:1/keys' },
      ...open,
      maxLifetime,
    });
    const token = await sign(claims, 'RS256', (await pairs.rsa).privateKey, 'rsa-1');
    await expect(verify(token)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
