/**
 * Builds the console into console/dist, unless what is there was made of the same sources. npm runs it while it installs and
 * before it starts the service. Neither fails because of it, and without Vite, as in an installation without development
 * packages, it does nothing. With `--required` it fails. Plain JavaScript, so that any Node can read it.
 */
import { createHash, randomUUID } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const root = fileURLToPath(new URL('.', import.meta.url));
const isRequired = process.argv.includes('--required');
const output = join(root, 'dist');
const stamp = join(output, 'made-of');

/** The page of the documentation that the console shows. */
const RUNBOOK = '../docs/runbooks/incident-response.md';

/** Files under this size are not worth a compressed copy. */
const SMALLEST = 1_000;

async function filesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** A digest of everything that the result is made of. */
async function digestOfSources() {
  const digest = createHash('sha256');
  const sources = (await filesIn(join(root, 'src'))).filter((file) => !file.includes('.test.'));
  const others = ['build.js', 'index.html', 'package.json', 'vite.config.ts', RUNBOOK].map((name) =>
    join(root, name),
  );
  for (const file of [...others, ...sources]) {
    digest
      .update(relative(root, file))
      .update('\0')
      .update(await readFile(file))
      .update('\0');
  }
  return digest.digest('hex');
}

async function compress(folder) {
  const level = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  const files = (await filesIn(folder)).filter((file) => /\.(js|css|svg)$/.test(file));
  for (const file of files) {
    const content = await readFile(file);
    if (content.length < SMALLEST) continue;
    await writeFile(`${file}.br`, await promisify(brotliCompress)(content, level));
    await writeFile(`${file}.gz`, await promisify(gzip)(content, { level: 9 }));
  }
}

/** Two builds at the same time do not disturb one another: each has a folder of its own until it is complete. */
async function build(vite, digest) {
  const folder = join(root, 'node_modules', `.build-${randomUUID()}`);
  try {
    await mkdir(folder, { recursive: true });
    process.env.CONSOLE_OUT = folder;
    await vite.build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
    await compress(folder);
    await writeFile(join(folder, 'made-of'), digest);
    const old = `${folder}-old`;
    await rename(output, old).catch(() => {});
    await rename(folder, output).catch(() => cp(folder, output, { recursive: true }));
    await rm(old, { recursive: true, force: true });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run() {
  const digest = await digestOfSources();
  if (digest === (await readFile(stamp, 'utf8').catch(() => ''))) return;
  // Whoever calls us, as a test does, may have another one for itself.
  process.env.NODE_ENV = 'production';
  const vite = await import('vite').catch(() => undefined);
  if (vite === undefined && isRequired) throw new Error('Vite is not installed. Run: npm ci');
  if (vite === undefined) return;
  await build(vite, digest);
}

try {
  await run();
} catch (error) {
  console.error(`The console could not be built: ${error.stack ?? error}`);
  if (isRequired) process.exitCode = 1;
}
