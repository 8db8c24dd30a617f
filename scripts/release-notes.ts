/** Prints what CHANGELOG.md says of a version: `npm run release-notes -- 0.1.0`, by default of the one in package.json. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../src/version.ts';

const wanted = process.argv[2] ?? version;
const changelog = readFileSync(join(import.meta.dirname, '../CHANGELOG.md'), 'utf8');
const [, notes] =
  changelog
    .split(/^## /m)
    .map((section) => /^\[([^\]]+)\][^\n]*\n([\s\S]*)$/.exec(section) ?? [])
    .map(([, name, text]) => [name, text] as const)
    .find(([name]) => name === wanted) ?? [];

if (notes === undefined || notes.trim() === '') {
  console.error(`CHANGELOG.md says nothing of ${wanted}; add the section "## [${wanted}]"`);
  process.exitCode = 1;
} else {
  console.log(notes.trim());
}
