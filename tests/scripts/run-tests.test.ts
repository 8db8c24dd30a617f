import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const runTests = fileURLToPath(new URL('../../scripts/run-tests.ts', import.meta.url));
const skipUnless = new URL('../support/skip-unless.ts', import.meta.url).href;

describe('npm test, given test files', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tidemark-outcome-'));
  });

  afterEach(() => rm(directory, { recursive: true }));

  /** Runs `npm test` on one file with the given content, or on none, and returns its output and exit code. */
  const run = async (content?: string, env: Record<string, string> = {}) => {
    if (content !== undefined) await writeFile(join(directory, 'sample.test.js'), content);
    const child = spawn(process.execPath, [runTests, '--root', directory, '--globals'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, TESTS_MAY_SKIP: '', NO_COLOR: '1', ...env },
    });
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    const lines = output.trimEnd().split('\n');
    return { code, lines, last: lines.at(-1) };
  };

  test('ends with the count alone, and succeeds when nothing failed', async () => {
    const { code, last } = await run(`test('adds', () => expect(1 + 1).toBe(2));`);
    expect({ code, last }).toEqual({ code: 0, last: '1 passed, 0 failed, 0 skipped' });
  });

  test('fails and names the failed tests', async () => {
    const { code, last, lines } = await run(`
      test('adds', () => expect(1 + 1).toBe(3));
      test('subtracts', () => expect(1 - 1).toBe(0));`);
    expect({ code, last }).toEqual({ code: 1, last: '1 passed, 1 failed, 0 skipped' });
    expect(lines).toContain('  sample.test.js > adds');
  });

  test('names tests that passed only on a retry', async () => {
    const { code, last, lines } = await run(`
      let tries = 0;
      test('is lucky', { retry: 1 }, () => expect(++tries).toBe(2));
      test('adds', { retry: 1 }, () => expect(1 + 1).toBe(2));`);
    expect({ code, last }).toEqual({ code: 0, last: '2 passed, 0 failed, 0 skipped' });
    expect(lines.slice(lines.indexOf('━━ Passed only on another try') + 1, -2)).toEqual([
      '  sample.test.js > is lucky',
    ]);
  });

  test('lists skipped tests with their reason, and does not run their beforeAll', async () => {
    const { code, last, lines } = await run(`
      import { skipUnless } from '${skipUnless}';
      describe('a queue', skipUnless(false, 'needs a broker'), () => {
        beforeAll(() => { throw new Error('there is no broker'); });
        test('delivers', () => {});
      });
      test('decides late', ({ skip }) => skip('not on a Monday'));
      test.todo('flies');`);
    expect({ code, last }).toEqual({ code: 0, last: '0 passed, 0 failed, 3 skipped' });
    expect(lines.slice(lines.indexOf('━━ Not run here') + 1, -2)).toEqual([
      '  sample.test.js > a queue > delivers: needs a broker',
      '  sample.test.js > decides late: not on a Monday',
      '  sample.test.js > flies: not written yet',
    ]);
  });

  test('fails if a test was skipped that may not be', async () => {
    const maySkip = join(directory, 'may-skip');
    await writeFile(maySkip, '# not everywhere\n\nneeds a broker # yet\n');
    const { code, last, lines } = await run(
      `
      import { skipUnless } from '${skipUnless}';
      test('delivers', skipUnless(false, 'needs a broker: a large one'), () => {});
      test('remembers', skipUnless(false, 'needs a cache'), () => {});
      test('adds', () => {});`,
      { TESTS_MAY_SKIP: maySkip },
    );
    expect({ code, last }).toEqual({ code: 1, last: '1 passed, 1 failed, 1 skipped' });
    expect(lines).toContain('  sample.test.js > remembers: needs a cache; here it has to run');
  });

  test('shows how long recovery took', async () => {
    const { lines } = await run(`
      test('recovers', ({ task }) => { task.meta.recoveries = ['the broker killed: 1.2 s']; });`);
    expect(lines.slice(lines.indexOf('━━ Well again after') + 1, -2)).toEqual(['  the broker killed: 1.2 s']);
  });

  test('counts tests behind a broken beforeAll as failed', async () => {
    const { code, last } = await run(`
      describe('a queue', () => {
        beforeAll(() => { throw new Error('there is no broker'); });
        test('delivers', () => {});
        describe('in order', () => { test('always', () => {}); });
      });
      test('adds', () => {});`);
    expect({ code, last }).toEqual({ code: 1, last: '1 passed, 3 failed, 0 skipped' });
  });

  test('counts a file that does not load as failed', async () => {
    const { code, last } = await run(`import './nowhere.js';\ntest('adds', () => {});`);
    expect({ code, last }).toEqual({ code: 1, last: '0 passed, 1 failed, 0 skipped' });
  });

  test('counts an error outside of any test as failed', async () => {
    const { code, last } = await run(`
      test('adds', async () => {
        Promise.reject(new Error('nobody listens'));
        await new Promise((resolve) => setTimeout(resolve, 50));
      });`);
    expect({ code, last }).toEqual({ code: 1, last: '1 passed, 1 failed, 0 skipped' });
  });

  test('fails when there is nothing to run', async () => {
    const { code, last } = await run();
    expect({ code, last }).toEqual({ code: 1, last: '0 passed, 1 failed, 0 skipped' });
  });
});
