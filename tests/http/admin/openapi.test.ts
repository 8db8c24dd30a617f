import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { validate } from '@scalar/openapi-parser';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Answer, useService } from '../../support/service/service.ts';

const service = useService();

let document: Answer['json'];

function operations() {
  return Object.entries<Record<string, Answer['json']>>(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      ...operation,
    })),
  );
}

beforeAll(async () => {
  document = (await service.call('/openapi.json', { token: null })).json;
});

describe('the description of the API', () => {
  test('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await validate(document);
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
    expect(document.openapi).toBe('3.1.0');
  });

  test('is the same as docs/openapi.json', async () => {
    const kept = await readFile(join(import.meta.dirname, '../../../docs/openapi.json'), 'utf8');
    expect(document).toEqual(JSON.parse(kept));
  });

  test('gives every operation a summary and one tag', () => {
    expect(operations().filter(({ summary, tags }) => !summary || tags?.length !== 1)).toEqual([]);
  });

  test('gives every operation its success and its problems', () => {
    for (const { name, responses, security } of operations()) {
      expect(
        Object.keys(responses).some((status) => /^(2|302)/.test(status)),
        name,
      ).toBe(true);
      const problems = Object.keys(responses).filter((status) => Number(status) >= 400);
      expect(problems, name).toEqual(
        expect.arrayContaining(
          security.length > 0 ? ['400', '401', '403', '429', '500', '503'] : ['400', '500'],
        ),
      );
      for (const status of problems) {
        expect(responses[status].content['application/problem+json'].schema, name).toEqual({
          $ref: '#/components/schemas/Problem',
        });
      }
    }
  });

  test('explains every pattern in words, as the refusal does', () => {
    const unsaid: string[] = [];
    const walk = (value: Answer['json'], at: string): void => {
      if (typeof value !== 'object' || value === null) return;
      if (typeof value.pattern === 'string' && !value['x-expected']) unsaid.push(at);
      for (const [name, inner] of Object.entries(value)) walk(inner, `${at}/${name}`);
    };
    for (const { name, parameters, requestBody } of operations()) walk({ parameters, requestBody }, name);
    expect(unsaid).toEqual([]);
  });

  test('defines every event type, and describes each field', () => {
    const types = document.components.schemas.Event.anyOf;
    expect(types.map((type: Answer['json']) => type.properties.type.const)).toEqual([
      'usage',
      'api_request',
      'ml_job',
      'order',
      'storefront',
      'inventory',
      'error',
    ]);
    for (const { properties } of types) {
      expect(
        Object.entries<Answer['json']>(properties).filter(
          ([name, { description, items }]) => name !== 'type' && !description && !items,
        ),
      ).toEqual([]);
    }
  });
});

describe('the page at /docs', () => {
  test('loads nothing from other hosts', async () => {
    const page = await service.call('/docs', { token: null });
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self';.*connect-src 'self'/,
    );
    expect(page.text).not.toMatch(/https?:\/\//);
  });

  test('finds its parts below any path that a proxy serves it at', async () => {
    const page = await service.call('/docs', { token: null });
    const parts = [...page.text.matchAll(/(?:src|data-url)="([^"]+)"/g)].map(
      ([, address = '']) => new URL(address, 'https://example.com/tidemark/docs').pathname,
    );
    expect(parts).toEqual(['/tidemark/openapi.json', '/tidemark/docs/scalar.js']);
    const slash = await fetch(`${service.origin}/docs/`, { redirect: 'manual' });
    expect(slash.status).toBe(302);
    const target = new URL(slash.headers.get('location') ?? '', 'https://example.com/tidemark/docs/');
    expect(target.pathname).toBe('/tidemark/docs');
  });

  test('serves its script itself, compressed or not', async () => {
    const script = await service.call('/docs/scalar.js', { token: null });
    expect(script.headers.get('content-encoding')).toBe('gzip');
    expect(script.text).toContain('api-reference');
    const plain = await service.call('/docs/scalar.js', {
      token: null,
      headers: { 'accept-encoding': 'identity' },
    });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(plain.text.length).toBe(script.text.length);
  });
});

describe('with PUBLIC_URL', () => {
  const behindPath = useService({ PUBLIC_URL: 'https://example.com/tidemark/' });

  test('the description names the address that callers reach', async () => {
    const { json } = await behindPath.call('/openapi.json', { token: null });
    expect(json.servers).toEqual([{ url: 'https://example.com/tidemark' }]);
  });
});
