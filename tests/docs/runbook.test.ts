/** The runbook: every alert has a whole section, and every command of it runs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { useDirectories } from '../support/database/data-directory.ts';
import { useDatabase } from '../support/database/database.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { useQueue } from '../support/servers/rabbitmq.ts';
import { JWT_SECRET, tokenOf } from '../support/service/service.ts';
import { type ServiceProcess, startServiceProcess } from '../support/service/service-process.ts';
import { skipUnless } from '../support/skip-unless.ts';
import { missingProgram, openShell, type Shell } from './shell.ts';

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'docs/runbooks/incident-response.md'), 'utf8');

const sections = text
  .split(/^## /m)
  .slice(1)
  .map((section) => {
    const [, title = ''] = /^(.+)\n/.exec(section) ?? [];
    return { title, body: section, commands: /```sh\n([\s\S]*?)```/.exec(section)?.[1] ?? '' };
  });
/** Those of the rules for Prometheus, and those of the built-in rules about months. */
const ofAlerts = sections.filter(
  ({ title }) => title.startsWith('Tidemark') || title === 'Months not closed',
);
const withCommands = sections.filter(({ title, commands }) => commands && title !== 'Before you start');
const rabbitmqUrl = inject('rabbitmqUrl');
const missing = missingProgram(['bash', 'curl', 'npx', 'psql', 'ps']);

test.each(ofAlerts)('$title has all its parts, and three commands', ({ body, commands }) => {
  const parts = ['What it means.', 'Us or the sender?', 'Call.', 'Afterwards.'];
  expect(parts.filter((part) => !body.includes(`**${part}**`))).toEqual([]);
  expect(body).toContain('| cause | how to tell | what to do |');
  expect(commands.trim().split('\n')).toHaveLength(3);
});

describe('every command runs', skipUnless(missing === undefined, `needs ${missing}`), () => {
  const database = useDatabase();
  const makeDirectory = useDirectories();
  const queue = rabbitmqUrl === undefined ? undefined : useQueue('stream');
  let service: ServiceProcess | undefined;
  let shell: Shell | undefined;

  beforeAll(async () => {
    const directory = await makeDirectory();
    const env: Record<string, string> = { DATABASE_URL: database.url };
    if (queue) Object.assign(env, { RABBITMQ_URL: rabbitmqUrl, RABBITMQ_STREAM: queue.name });
    service = await startServiceProcess(directory, env);
    await fetch(`${service.origin}/analytics/v1/events`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await tokenOf(['admin'])}`,
      },
      body: JSON.stringify([makeUsage({ orgId: 'acme', occurredAt: new Date().toISOString() })]),
    });
    if (queue) {
      await queue.publish([{ eventId: 'not valid' }]);
      const hasLetter = async () => expect(await queue.deadLetters()).toHaveLength(1);
      await vi.waitFor(hasLetter, { timeout: 60_000, interval: 200 });
    }
    shell = openShell({
      cwd: directory,
      env: { ...process.env, ...env, JWT_SECRET, DATA_DIR: directory, TIDEMARK: service.origin, ROOT: root },
    });
    // npx finds the program of the checkout.
    await shell.run('npx() { (cd "$ROOT" && command npx "$@"); }; set -o pipefail');
    const start = sections.find(({ title }) => title === 'Before you start');
    expect(await shell.run(start?.commands ?? '')).toMatchObject({ status: 0 });
  });
  afterAll(async () => {
    await shell?.end();
    await service?.stop();
  });

  test.for(withCommands)('$title', async ({ commands }, { skip }) => {
    const whole = commands.includes("<<'SQL'");
    const lacksRabbitmq = commands.includes('dead-letters') && rabbitmqUrl === undefined;
    skip(lacksRabbitmq, 'needs RabbitMQ');
    for (const command of whole ? [commands] : commands.trim().split('\n')) {
      const result = await shell?.run(command);
      expect(result?.status, command).toBe(0);
      if (!whole) expect(result?.output.trim(), command).not.toBe('');
    }
  });
});
