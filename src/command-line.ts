import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../bin/tidemark.js', import.meta.url));

/**
 * The command that runs `tidemark` from where this process was started, for messages that tell a user to run one. `npx`
 * works only in the folder and for the account of an npm that works there. The other form works everywhere, for cron too.
 */
export function ownCommand(): string {
  if (process.env.npm_lifecycle_event !== undefined) return 'npx tidemark';
  return `${shellWord(process.execPath)} ${shellWord(program)}`;
}

/** A text as one word of a shell. */
export function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
