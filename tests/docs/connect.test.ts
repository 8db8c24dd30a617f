import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './documents.ts';

const folder = join(root, 'docs/connect');
const pages = readdirSync(folder).filter((name) => name.endsWith('.md'));

function textOf(page: string): string {
  return readFileSync(join(folder, page), 'utf8');
}

test('the index lists every page of a tool once', () => {
  const index = readFileSync(join(root, 'docs/connect.md'), 'utf8');
  const listed = [...index.matchAll(/\]\(connect\/([\w-]+\.md)\)/g)].map(([, page]) => page);
  expect(listed.toSorted()).toEqual(pages.toSorted());
});

test.each(pages)('%s says whether its lines were tried, what counts, and which tool to choose', (page) => {
  const text = textOf(page);
  expect(text).toMatch(/(was|were) (tried|not run)|run the exporter/);
  expect(text).toContain('## What counts');
  expect(text).toContain('## Which one to choose');
  // A page for the language of an application has a program, which a test of its own runs.
  if (['python.md', 'typescript.md'].includes(page)) return;
  const [, lines = ''] = /```\w+\n(.*?)\n```/s.exec(text) ?? [];
  expect(lines.split('\n').length).toBeLessThanOrEqual(3);
});
