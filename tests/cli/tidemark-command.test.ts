import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

const command = fileURLToPath(new URL('../../bin/tidemark.js', import.meta.url));
const stopWithParent = fileURLToPath(new URL('../../src/cli/stop-with-parent.ts', import.meta.url));

/** Stands in for the service: prints how it was called, and drains when told to stop. */
const service = `
  import { stopWithParent } from './cli/stop-with-parent.ts';
  stopWithParent();
  const args: string[] = process.argv.slice(2);
  if (args[0] === 'start') {
    const alive = setInterval(() => {}, 1_000);
    process.on('SIGTERM', () => { console.log('draining'); clearInterval(alive); process.exitCode = 3; });
  } else {
    process.exitCode = 7;
  }
  console.log(JSON.stringify({ args, version: process.versions.node }));`;

/** Makes any Node believe that it cannot run TypeScript. */
const pretendOld = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { node: '20.19.0' } })`;

describe('bin/tidemark.js', () => {
  let checkout: string;

  beforeAll(async () => {
    checkout = await mkdtemp(join(tmpdir(), 'tidemark-command-'));
    for (const folder of ['bin', 'src/cli']) await mkdir(join(checkout, folder), { recursive: true });
    await writeFile(join(checkout, 'package.json'), '{ "type": "module" }');
    await copyFile(command, join(checkout, 'bin/tidemark.js'));
    await copyFile(stopWithParent, join(checkout, 'src/cli/stop-with-parent.ts'));
    await writeFile(join(checkout, 'src/main.ts'), service);
  });

  afterAll(() => rm(checkout, { recursive: true }));

  const start = (nodeOptions: string[], args: string[]) =>
    spawn(process.execPath, [...nodeOptions, join(checkout, 'bin/tidemark.js'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  const finish = async (child: ReturnType<typeof start>) => {
    const [output, complaint, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ]);
    return { output: output.trim().split('\n'), complaint, code };
  };

  const calledWith = (args: string[]) => JSON.stringify({ args, version: process.versions.node });

  test('runs the service with its arguments and exit code', async () => {
    expect(await finish(start([], ['import', 'a b.csv']))).toMatchObject({
      output: [calledWith(['import', 'a b.csv'])],
      code: 7,
    });
  });

  test('runs the compiled service if there are no sources, as in the package', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-package-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    for (const name of ['bin', 'dist']) await mkdir(join(folder, name));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await copyFile(command, join(folder, 'bin/tidemark.js'));
    await writeFile(join(folder, 'dist/main.js'), `console.log('compiled')`);
    const child = spawn(process.execPath, [join(folder, 'bin/tidemark.js')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect((await finish(child)).output).toEqual(['compiled']);
  });

  describe('under a Node that cannot run TypeScript', () => {
    test('says what is missing if the checkout has no Node of its own', async () => {
      const { code, complaint } = await finish(start(['--import', pretendOld], ['start']));
      expect(code).toBe(1);
      expect(complaint).toContain('needs Node 22.18');
      expect(complaint).toContain('optional dependencies');
    });

    describe('in a checkout with its own Node', () => {
      beforeAll(async () => {
        const name = `node-${process.platform === 'darwin' && process.arch === 'arm64' ? 'bin-' : ''}${process.platform}-${process.arch}`;
        const folder = join(checkout, 'node_modules', name);
        await mkdir(join(folder, 'bin'), { recursive: true });
        await writeFile(join(folder, 'package.json'), '{ "bin": { "node": "bin/node" } }');
        await symlink(process.execPath, join(folder, 'bin/node'));
      });

      test('runs the service under that Node, with its arguments and exit code', async () => {
        expect(await finish(start(['--import', pretendOld], ['import', 'a b.csv']))).toMatchObject({
          output: [calledWith(['import', 'a b.csv'])],
          code: 7,
        });
      });

      test('passes a signal on and waits for the service to end', async () => {
        const child = start(['--import', pretendOld], ['start']);
        child.stdout.once('data', () => child.kill('SIGTERM'));
        expect(await finish(child)).toMatchObject({ output: [calledWith(['start']), 'draining'], code: 3 });
      });

      test('tells the service to stop when it is killed', async () => {
        const child = start(['--import', pretendOld], ['start']);
        child.stdout.once('data', () => child.kill('SIGKILL'));
        // The output ends once the service has ended, because both have it open.
        expect(await finish(child)).toMatchObject({ output: [calledWith(['start']), 'draining'] });
      });
    });
  });
});
