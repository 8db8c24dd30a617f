import { expect, test } from 'vitest';
import type { Actor } from '../../../src/auth/actor.ts';
import { requires } from '../../../src/http/shell/authenticate.ts';
import { httpLayer } from '../../support/service/http-layer.ts';

const PATH = '/analytics/v1/test';
const MANY = 200;

/** Callers name their org in place of a token. */
async function actorOf({ apiKey = '' }): Promise<Actor> {
  return { id: apiKey, roles: ['engineer'], orgs: [apiKey], via: 'api_key' };
}

test('a request waits for few of the requests that another org has sent before it', async () => {
  const answered: string[] = [];
  const server = httpLayer({
    actor: await actorOf({}),
    authenticator: (credentials) => actorOf({ apiKey: credentials.apiKey ?? '' }),
    registerRoutes: (routes) =>
      routes.get(PATH, { config: requires('usage:read', 'none') }, async (request) => {
        answered.push(request.actor?.id ?? '');
        return {};
      }),
  });
  await server.ready();
  const ask = (org: string) => server.inject({ url: PATH, headers: { 'x-api-key': org } });
  const flood = Array.from({ length: MANY }, () => ask('acme'));
  const answers = await Promise.all([...flood, ask('globex')]);
  expect(answers.every(({ statusCode }) => statusCode === 200)).toBe(true);
  expect(answered.indexOf('globex')).toBeLessThan(MANY / 10);
  await server.close();
});

test('large answers that become ready at the same moment are written in turns of the loop', async () => {
  const large = Buffer.alloc(750_000, 'x');
  const many = 20;
  const gate = Promise.withResolvers<void>();
  const server = httpLayer({
    actor: await actorOf({}),
    registerRoutes: (routes) =>
      routes.get(PATH, { config: requires('usage:read', 'none') }, async () => {
        await gate.promise;
        return large;
      }),
  });
  let turn = 0;
  let isCounting = true;
  const countTurns = () => {
    turn++;
    if (isCounting) setImmediate(countTurns);
  };
  const writtenIn = new Set<number>();
  server.addHook('onRequest', async (_request, { raw }) => {
    const write = raw.write.bind(raw) as (...given: unknown[]) => boolean;
    raw.write = (...given: unknown[]) => {
      writtenIn.add(turn);
      return write(...given);
    };
  });
  await server.ready();
  const answers = Array.from({ length: many }, () => server.inject(PATH));
  while (turn < 2 * many) {
    await new Promise(setImmediate);
    turn++;
  }
  countTurns();
  gate.resolve();
  for (const { statusCode } of await Promise.all(answers)) expect(statusCode).toBe(200);
  isCounting = false;
  expect(writtenIn.size).toBeGreaterThan(many / 2);
  await server.close();
});
