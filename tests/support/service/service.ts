import { afterAll, beforeAll } from 'vitest';
import { type App, startApp } from '../../../src/app/app.ts';
import { signToken } from '../../../src/auth/jwt.ts';
import type { Role } from '../../../src/auth/roles.ts';
import { loadConfig } from '../../../src/config.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import { type Clock, HOUR, systemClock } from '../../../src/time.ts';
import { type TestDatabase, useDatabase } from '../database/database.ts';

export const JWT_SECRET = 'the secret of the tests, 32 bytes long';

interface Call {
  method?: string;
  /** A bearer token, or `null` for none. By default one of an admin. */
  token?: string | null;
  headers?: Record<string, string>;
  /** Text and bytes are sent as they are, anything else as JSON. */
  body?: unknown;
}

/** The body of an answer, which tests read freely. */
// biome-ignore lint/suspicious/noExplicitAny: what it holds is what the tests are about
type Json = any;

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The body as JSON, or `undefined` if it is not JSON. */
  json: Json;
}

/** The whole service on a database of its own, over real HTTP. */
export interface Service {
  readonly origin: string;
  readonly database: TestDatabase;
  /** Lines of the log so far. */
  readonly log: readonly Json[];
  call(path: string, call?: Call): Promise<Answer>;
}

/** A token of a person with these roles and orgs. */
export function tokenOf(
  roles: Role[],
  orgs: string[] = [],
  subject = 'test',
  clock: Clock = systemClock,
): Promise<string> {
  return signToken(
    JWT_SECRET,
    { subject, roles, orgs, lifetime: HOUR },
    { clock, audience: undefined, issuer: undefined },
  );
}

/**
 * Starts the service for a test file, and stops it at the end. `env` is added to the settings of the tests.
 * @param database a database of its own by default
 */
export function useService(
  env: Record<string, string> = {},
  database: TestDatabase = useDatabase(),
): Service {
  const lines: string[] = [];
  let app: App | undefined;
  let admin = '';
  beforeAll(async () => {
    const settings = { HTTP_PORT: '0', JWT_SECRET, DATABASE_URL: database.url, ROLES: 'api,ingest', ...env };
    const log = createLog({ level: 'info', destination: { write: (line) => lines.push(line) } });
    app = await startApp(loadConfig(settings), log);
    admin = await tokenOf(['admin']);
  });
  afterAll(() => app?.stop());

  const origin = () => app?.address ?? '';
  return {
    database,
    get origin() {
      return origin();
    },
    get log() {
      return lines.map((line) => JSON.parse(line));
    },
    async call(path, { method, token, headers, body } = {}) {
      const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
      const response = await fetch(origin() + path, {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(token !== null && { authorization: `Bearer ${token ?? admin}` }),
          ...headers,
        },
        ...(body !== undefined && { body: raw ? (body as string) : JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
      return {
        status: response.status,
        headers: response.headers,
        text,
        json: isJson ? JSON.parse(text) : undefined,
      };
    },
  };
}
