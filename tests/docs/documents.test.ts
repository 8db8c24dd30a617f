/**
 * Everything that the documents name exists: files, headings, commands, settings, metrics and words of the
 * code.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { settings } from '../../src/settings.ts';
import { documents, faultOfLink, filesBelow, namesFile, root } from './documents.ts';

const files = new Set([
  ...documents.map(({ path }) => path),
  ...['LICENSE', 'package.json', 'compose.yaml', 'Dockerfile', '.dependency-cruiser.cjs', '.ci/run'],
  ...[
    'src',
    'docs',
    'tests',
    'bench',
    'scripts',
    'bin',
    'client/src',
    'client/tests',
    'dashboards',
    'deploy',
  ].flatMap(filesBelow),
]);
const sources = [...files]
  .filter((path) => /^src\/.*\.(ts|sql)$/.test(path))
  .map((path) => readFileSync(join(root, path), 'utf8'))
  .join('\n');

/** All code in every document that matches the pattern, with its place. */
function named(pattern: RegExp): { path: string; name: string }[] {
  return documents.flatMap(({ path, code }) =>
    code.flatMap((piece) => [...piece.matchAll(pattern)].map((match) => ({ path, name: match[1] ?? '' }))),
  );
}

test('every link leads somewhere', () => {
  const faults = documents.flatMap((document) =>
    document.links.flatMap((link) => faultOfLink(document, link, files) ?? []),
  );
  expect(faults).toEqual([]);
});

test('every named file exists', () => {
  const wrong = named(/^((?:[\w-]+\/)*[\w.-]+\.(?:ts|cjs|yaml|sql))$/g).filter(
    ({ name }) => !namesFile(name, files),
  );
  // Examples of file names, not files.
  expect(wrong.filter(({ name }) => !['x.test.ts', 'index.ts'].includes(name))).toEqual([]);
});

describe('every named command exists', () => {
  test('of npm', () => {
    const scripts = Object.keys(packageJson.scripts);
    expect(named(/npm run ([\w:-]+)/g).filter(({ name }) => !scripts.includes(name))).toEqual([]);
  });

  test('of tidemark', () => {
    const commands = [...sources.matchAll(/new Command\('([\w-]+)'\)/g)].map((match) => match[1]);
    const all = documents.flatMap(({ path, text }) =>
      [...text.matchAll(/npx tidemark ([a-z][\w-]*)/g)].map((match) => ({ path, name: match[1] })),
    );
    expect(all.length).toBeGreaterThan(10);
    expect(all.filter(({ name }) => !commands.includes(name))).toEqual([]);
  });
});

test('every named setting exists', () => {
  // Of Node, and of everything that speaks HTTP.
  const others = ['NODE_EXTRA_CA_CERTS', 'NODE_USE_ENV_PROXY', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
  const ours = Object.values(settings).flatMap(({ env, secret }) => [
    env,
    ...(secret ? [`${env}_FILE`] : []),
  ]);
  const known = new Set<string>([...ours, ...others]);
  const all = named(/^([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)$/g).filter(({ name }) => !/^(TEST|BENCH)_/.test(name));
  expect(all.length).toBeGreaterThan(20);
  expect(all.filter(({ name }) => !known.has(name))).toEqual([]);
});

test('every named metric exists', () => {
  const known = documents.find(({ path }) => path === 'docs/metrics.md')?.text ?? '';
  const wrong = named(/\b(tidemark_[a-z_]+)/g).filter(
    ({ name }) => !known.includes(`\`${name}\``) && !/^tidemark_(jobs$|process_|nodejs_)/.test(name),
  );
  expect(wrong).toEqual([]);
});

test('the code uses every word of the glossary', () => {
  const glossary = documents.find(({ path }) => path === 'docs/glossary.md')?.text ?? '';
  const words = [...glossary.matchAll(/^\|.*\| ([^|]+) \|$/gm)]
    .flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)])
    .map(([, word = '']) => word.split('.').at(-1) ?? '');
  expect(words.length).toBeGreaterThan(50);
  expect(words.filter((word) => !new RegExp(`\\b${word}\\b`).test(sources))).toEqual([]);
});
