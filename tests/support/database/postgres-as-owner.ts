import { escapeLiteral, Pool } from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { type EmbeddedDatabase, openEmbedded } from '../../../src/database/embedded/open-embedded.ts';
import { useDirectories } from './data-directory.ts';

const quiet = { debug: () => {}, info: () => {}, warn: () => {} };

/** A PostgreSQL of its own, for tests that must not touch a shared one. */
export interface PostgresAsOwner {
  /** The URL of its owner, who may do everything. */
  readonly url: string;
  /** Connections of the owner. */
  readonly owner: Pool;
  /** The URL for another role or database. */
  urlFor(parts: { user?: string; password?: string; database?: string }): string;
  /** Writes a text file into its directory, readable by it alone. */
  writeFile(name: string, content: string): Promise<void>;
}

/** Gives the test file, or the `describe` it is called in, an embedded server of its own. */
export function usePostgresAsOwner(): PostgresAsOwner {
  const newDirectory = useDirectories();
  let server: EmbeddedDatabase | undefined;
  let owner: Pool | undefined;
  beforeAll(async () => {
    server = await openEmbedded({ dataDir: await newDirectory(), log: quiet, mode: 'serve' });
    owner = new Pool({ connectionString: server.connectionString, max: 2 });
    owner.on('error', () => {});
  });
  afterAll(async () => {
    await owner?.end();
    await server?.stop();
  });
  const opened = () => {
    if (!server || !owner) throw new Error('The server is there from beforeAll on.');
    return { url: server.connectionString, owner };
  };
  return {
    get url() {
      return opened().url;
    },
    get owner() {
      return opened().owner;
    },
    urlFor({ user, password, database }) {
      const url = new URL(opened().url);
      if (user !== undefined) url.username = user;
      if (password !== undefined) url.password = password;
      if (database !== undefined) url.pathname = `/${database}`;
      return url.href;
    },
    async writeFile(name, content) {
      const lines = content.trim().split('\n').map(escapeLiteral);
      // Read by the server itself, which may run under another account than the tests.
      await opened().owner.query(
        `copy (select unnest(array[${lines.join()}])) to program 'umask 077; cat > ${name}'`,
      );
    },
  };
}
