/**
 * Compiles the package into client/dist, unless what is there was made of the same sources: modules for `import`, and the same
 * files for `require`, each with its types. The demo of the service sends through it, so npm runs this while it installs.
 * Without the compiler, as in an installation without development packages, it does nothing. With `--required` it fails.
 * Plain JavaScript, so that any Node can read it.
 */
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('.', import.meta.url));
const compiler = join(root, '../node_modules/@typescript/native/bin/tsc');
const isRequired = process.argv.includes('--required');
const output = join(root, 'dist');
const stamp = join(output, 'made-of');

/** A digest of everything that the result is made of. */
async function digestOfSources() {
  const digest = createHash('sha256');
  const sources = (await readdir(join(root, 'src'), { recursive: true })).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
  );
  const settings = [
    'build.js',
    'tsconfig.json',
    'tsconfig.esm.json',
    'tsconfig.cjs.json',
    '../tsconfig.json',
  ];
  for (const name of [...sources.map((source) => join('src', source)), ...settings].sort()) {
    digest.update(`${name}\0`).update(await readFile(join(root, name)));
  }
  return digest.digest('hex');
}

async function compile(folder, kind, type) {
  const project = join(root, `tsconfig.${kind}.json`);
  const args = [compiler, '-p', project, '--outDir', join(folder, kind)];
  await promisify(execFile)(process.execPath, args);
  await writeFile(join(folder, kind, 'package.json'), `${JSON.stringify({ type })}\n`);
}

/** Two builds at the same time do not disturb one another: each has a folder of its own until it is complete. */
async function build(digest) {
  const folder = join(root, `dist-${randomUUID()}`);
  try {
    await mkdir(folder);
    await Promise.all([compile(folder, 'esm', 'module'), compile(folder, 'cjs', 'commonjs')]);
    await writeFile(join(folder, 'made-of'), digest);
    await rm(output, { recursive: true, force: true });
    await rename(folder, output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run() {
  const digest = await digestOfSources();
  if (digest === (await readFile(stamp, 'utf8').catch(() => ''))) return;
  if (existsSync(compiler)) await build(digest);
  else if (isRequired) throw new Error('TypeScript is not installed. Run: npm ci');
}

try {
  await run();
} catch (error) {
  console.error(`The client library could not be built: ${error.stdout || error.stack || error}`);
  if (isRequired) process.exitCode = 1;
}
