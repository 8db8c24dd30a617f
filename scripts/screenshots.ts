/**
 * Takes the two pictures of the console in README.md, light and dark, of a demo that it starts. With `--check` it only says
 * whether they were taken of the sources as they are now. Fonts differ between machines, so pixels are not compared. A digest
 * of the files that the page is made of, and of the demo, tells instead.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { chromium } from 'playwright-core';
import { findFreePort } from '../src/database/embedded/free-port.ts';
import { MINUTE } from '../src/time.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'docs', 'images');
const stamp = join(folder, 'console.made-of');
const themes = ['light', 'dark'] as const;
/** Bytes of both pictures together. */
const MOST_BYTES = 300_000;
/** Twice the range of the pictures, so that it has a time before to compare with. */
const DAYS = '15';

/** What the page Overview shows is made of these. */
const sources = [
  ...['charts', 'colour', 'numbers', 'pages/overview', 'parts', 'shell', 'style', 'usage'].map(
    (name) => `console/src/${name}`,
  ),
  ...['console/src/words/overview.ts', 'console/src/words/shell.ts', 'src/demo', 'scripts/screenshots.ts'],
];

async function filesOf(path: string): Promise<string[]> {
  if ((await stat(path)).isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function digestOfSources(): Promise<string> {
  const files = (await Promise.all(sources.map((path) => filesOf(join(root, path))))).flat();
  const digest = createHash('sha256');
  // Overview has no form.
  for (const file of files.filter((name) => !/\.test\.|\/parts\/forms\//.test(name)).sort()) {
    digest
      .update(relative(root, file))
      .update('\0')
      .update(await readFile(file))
      .update('\0');
  }
  return digest.digest('hex');
}

const tidemark = join(root, 'bin', 'tidemark.js');

/** Starts the demo, and waits until its history is there. */
async function startDemo(data: string, port: string): Promise<ChildProcess> {
  const env = { ...process.env, HTTP_PORT: port };
  const child = spawn(process.execPath, [tidemark, 'demo', '--days', DAYS, '--data', data], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const text of child.stdout) {
    if (String(text).includes('Live traffic continues')) return child;
  }
  throw new Error('The demo ended before its history was there');
}

async function takePictures(origin: string, token: string): Promise<void> {
  const executablePath = process.env.CHROMIUM || '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  for (const colorScheme of themes) {
    const look = { colorScheme, locale: 'en-GB', timezoneId: 'Europe/Berlin' };
    const context = await browser.newContext({ ...look, viewport: { width: 1280, height: 566 } });
    // Machines that run this are often busy.
    context.setDefaultTimeout(3 * MINUTE);
    const headers = { origin, 'sec-fetch-site': 'same-origin' };
    const answer = await context.request.post(`${origin}/console/session`, { headers, data: { token } });
    if (!answer.ok()) throw new Error(`The demo does not sign in: ${await answer.text()}`);
    const page = await context.newPage();
    await page.goto(`${origin}/console/?org=acme&range=7d`);
    await page.locator('canvas').first().waitFor();
    await page.waitForLoadState('networkidle');
    await page.screenshot({ path: join(folder, `console-${colorScheme}.png`) });
  }
  await browser.close();
}

async function take(digest: string): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), 'tidemark-screenshots-'));
  const port = String(await findFreePort());
  execFileSync(process.execPath, [join(root, 'console', 'build.js'), '--required'], { stdio: 'inherit' });
  const demo = await startDemo(data, port);
  try {
    const env = { ...process.env, DATA_DIR: data };
    const token = execFileSync(process.execPath, [tidemark, 'token'], { env, encoding: 'utf8' }).trim();
    await mkdir(folder, { recursive: true });
    await takePictures(`http://127.0.0.1:${port}`, token);
    await writeFile(stamp, `${digest}\n`);
  } finally {
    demo.kill('SIGTERM');
    await once(demo, 'exit');
    await rm(data, { recursive: true, force: true });
  }
}

const digest = await digestOfSources();
const isCheck = process.argv.includes('--check');
if (!isCheck) await take(digest);
const sizes = await Promise.all(
  themes.map(async (theme) => (await stat(join(folder, `console-${theme}.png`))).size),
);
const complaints = [
  ...((await readFile(stamp, 'utf8').catch(() => '')).trim() === digest
    ? []
    : ['The pictures of the console are older than its sources. Run: npm run screenshots']),
  ...(sizes.reduce((sum, size) => sum + size, 0) <= MOST_BYTES
    ? []
    : [`The pictures of the console have ${sizes.join(' and ')} bytes; ${MOST_BYTES} are allowed`]),
];
for (const complaint of complaints) console.error(complaint);
process.exitCode = complaints.length === 0 ? 0 : 1;
