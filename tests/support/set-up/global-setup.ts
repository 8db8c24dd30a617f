import type { TestProject } from 'vitest/node';
import { migrate } from '../../../src/database/schema/migrate.ts';
import { type Extension, loadedExtensions } from './extensions.ts';
import { findPostgres } from './find-postgres.ts';
import { findService, rabbitmq, redis } from './find-services.ts';
import { createTemplate, openRun } from './test-databases.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server for databases and the template to copy; or the reason why there is none. */
    postgres: { url: string; template: string } | { fault: string };
    redisUrl: string | undefined;
    rabbitmqUrl: string | undefined;
    /** The extensions of the PostgreSQL of the tests. */
    extensions: Extension[];
  }
}

const quiet = { debug: () => {}, info: () => {}, warn: console.warn };

/** Finds PostgreSQL, migrates one database for every test file to copy, and says which server it is. */
async function prepareDatabases(project: TestProject): Promise<() => Promise<void>> {
  const server = await findPostgres(process.env);
  const cleanUp = [server.stop];
  const teardown = async () => {
    for (const step of cleanUp) await step();
  };
  try {
    const run = await openRun(server.url);
    cleanUp.unshift(run.end);
    const template = await createTemplate(server.url, run.name, (url) =>
      migrate(url, { log: quiet, direction: 'up' }),
    );
    const extensions = await loadedExtensions(server.url);
    console.log(`PostgreSQL: ${[server.description, ...extensions].join(', with ')}`);
    project.provide('extensions', extensions);
    project.provide('postgres', { url: server.url, template });
    return teardown;
  } catch (error) {
    await teardown();
    throw error;
  }
}

/** Prepares the servers. Without PostgreSQL, the tests that need it fail and the others run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  for (const [key, service] of [
    ['redisUrl', redis],
    ['rabbitmqUrl', rabbitmq],
  ] as const) {
    const url = await findService(service, process.env);
    console.log(`${service.name}: ${url ? new URL(url).host : `not here (${service.variable} is not set)`}`);
    project.provide(key, url);
  }
  try {
    return await prepareDatabases(project);
  } catch (error) {
    console.error('PostgreSQL:', error);
    project.provide('extensions', []);
    project.provide('postgres', { fault: error instanceof Error ? error.message : String(error) });
    return async () => {};
  }
}
