import { expect, test } from 'vitest';
import { snippetOf, ways } from './snippets.ts';

const sender = { url: 'https://tidemark.example.com/path', key: 'tmk_abc', org: 'acme' };

test.each(ways.filter((way) => way !== 'csv'))('%s has the address and the key', (way) => {
  const text = snippetOf(way, sender);
  expect(text).toContain(sender.url);
  expect(text).toContain(sender.key);
});

test.each(ways.filter((way) => way !== 'otlp'))('%s names the org', (way) => {
  expect(snippetOf(way, sender)).toContain('acme');
});

test.each(['curl', 'cloudevents'] as const)('the body of %s is JSON', (way) => {
  const text = snippetOf(way, sender).replace(`'"$(date -u +%FT%TZ)"'`, '2026-11-03T00:00:00Z');
  const body = /-d '(.*)' \\$/ms.exec(text)?.[1] ?? '';
  expect(JSON.stringify(JSON.parse(body))).toContain('"modelId":"gpt-4o"');
});
