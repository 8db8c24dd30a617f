import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SECOND, sleep } from '../../src/time.ts';
import { useDirectories } from '../support/database/data-directory.ts';
import { useDatabase } from '../support/database/database.ts';
import { JWT_SECRET } from '../support/service/service.ts';
import { type ServiceProcess, startServiceProcess } from '../support/service/service-process.ts';
import { skipUnless } from '../support/skip-unless.ts';
import { type Example, isAsShown, readExamples } from './readme-examples.ts';
import { missingProgram, openShell, type Shell } from './shell.ts';

const root = join(import.meta.dirname, '../..');

async function examplesOf(path: string) {
  return {
    path,
    examples: readExamples(await readFile(join(root, path), 'utf8')),
  };
}

const documents = await Promise.all(['README.md', 'docs/first-steps.md'].map(examplesOf));
const missing = missingProgram(['bash', 'curl', 'npx']);

/** An example that a reader repeats until the answer has caught up. */
function isQuestion(commands: string): boolean {
  return (
    /\/orgs\/|\$ADMIN|\/api\/v1\/analytics\/|tidemark reconcile/.test(commands) &&
    !/ (-d|--data)/.test(commands)
  );
}

const PATIENCE = 20 * SECOND;

describe.each(documents)(
  'the examples of $path',
  skipUnless(missing === undefined, `needs ${missing}`),
  ({ examples }) => {
    const database = useDatabase();
    const makeDirectory = useDirectories();
    let directory: string;
    let service: ServiceProcess | undefined;
    let shell: Shell | undefined;

    beforeAll(async () => {
      directory = await makeDirectory();
      const env = { DATABASE_URL: database.url };
      service = await startServiceProcess(directory, env);
      shell = openShell({ cwd: root, env: { ...process.env, ...env, JWT_SECRET, DATA_DIR: directory } });
    });
    afterAll(async () => {
      await shell?.end();
      await service?.stop();
    });

    /** The commands with the port of this service, and files in a directory of their own. */
    const here = (commands: string): string =>
      commands
        .replaceAll('http://127.0.0.1:8084', service?.origin ?? '')
        .replaceAll('calls.csv', join(directory, 'calls.csv'));

    const run = async ({ commands, expected }: Example): Promise<string> => {
      for (const begun = Date.now(); ; await sleep(200)) {
        const result = await shell?.run(here(commands));
        expect(result?.status, commands).toBe(0);
        const output = result?.output ?? '';
        const settled = !expected || !isQuestion(commands) || isAsShown(output, expected);
        if (settled || Date.now() - begun > PATIENCE) return output;
      }
    };

    test.each(examples)('$title', async (example) => {
      const output = await run(example);
      if (!example.expected || isAsShown(output, example.expected)) return;
      // For the difference in the report; the two are known to differ.
      expect(output).toBe(example.expected.text);
    });
  },
);

test('the examples send, query, create keys, import, reconcile and alert', () => {
  const all = documents.flatMap(({ examples }) => examples.map(({ commands }) => commands)).join('\n');
  for (const part of [
    '/events',
    '/usage',
    '/reliability',
    '/freshness',
    'keys create',
    'import',
    'reconcile',
    '/ml/providers',
    '/alerts/active',
    '/explain',
  ]) {
    expect(all).toContain(part);
  }
});
