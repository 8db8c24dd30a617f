/**
 * Builds the console and checks how much a browser must load, in KiB of gzip: the shell at first, more for each page, and more
 * for the first chart. The limits are in decision 53.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const LIMITS = { shell: 135, page: 25, chart: 25 };

interface Chunk {
  file: string;
  isEntry?: boolean;
  imports?: string[];
  css?: string[];
}

const folder = join(import.meta.dirname, '..', 'console');
execFileSync(process.execPath, [join(folder, 'build.js'), '--required'], { stdio: 'inherit' });
const chunks: Record<string, Chunk> = JSON.parse(readFileSync(join(folder, 'dist', 'manifest.json'), 'utf8'));

const [shell] = Object.entries(chunks).filter(([, { isEntry }]) => isEntry);
const shellFiles = filesOf(shell?.[0] ?? '');
const pages = Object.keys(chunks).filter((name) => /^src\/pages\/.*-page\.tsx$/.test(name));
const chart = Object.keys(chunks).filter((name) => name === 'src/charts/plot.ts');
if (shell === undefined || pages.length === 0 || chart.length === 0)
  throw new Error('manifest.json of the console has another form than expected');

check('the shell', LIMITS.shell, shellFiles);
for (const page of pages) check(page, LIMITS.page, beyond(page));
// A chart is always on a page, which has loaded what both need.
const ofPages = new Set(pages.flatMap((page) => [...beyond(page)]));
for (const plot of chart) {
  check(plot, LIMITS.chart, new Set([...beyond(plot)].filter((file) => !ofPages.has(file))));
}

/** The files of a chunk and of everything that it imports. */
function filesOf(name: string, seen = new Set<string>()): Set<string> {
  const { file, imports = [], css = [] } = chunks[name] ?? { file: '' };
  for (const path of [file, ...css]) seen.add(path);
  for (const other of imports.filter((one) => !seen.has(chunks[one]?.file ?? ''))) filesOf(other, seen);
  return seen;
}

/** Those that the shell has not loaded. */
function beyond(name: string): Set<string> {
  return new Set([...filesOf(name)].filter((file) => !shellFiles.has(file)));
}

function check(name: string, limit: number, files: ReadonlySet<string>): void {
  const sizes = [...files].map(
    (file) => gzipSync(readFileSync(join(folder, 'dist', file)), { level: 9 }).length,
  );
  const size = sizes.reduce((sum, one) => sum + one, 0) / 1_024;
  if (process.argv.includes('--list')) console.log(`${size.toFixed(1).padStart(6)} KiB of ${limit}: ${name}`);
  if (size <= limit) return;
  console.error(`console: ${name} has ${size.toFixed(1)} KiB; ${limit} are allowed`);
  process.exitCode = 1;
}
