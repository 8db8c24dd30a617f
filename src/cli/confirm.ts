import { createInterface } from 'node:readline/promises';
import { CodedError } from '../errors.ts';

interface Confirmation {
  /** What has to be typed. */
  word: string;
  /** Given by `--yes`: nothing is asked. */
  yes: boolean;
}

/**
 * Asks at the terminal to type a word before something is lost.
 *
 * @throws {CodedError} `invalid_request` when there is no terminal, or another word was typed
 */
export async function confirm(what: string, { word, yes }: Confirmation): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY)
    throw new CodedError(
      'invalid_request',
      `${what} Nothing was changed. To do it without a terminal, add --yes.`,
    );
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const typed = await terminal.question(`  ${what} Type ${word} to go on: `);
    if (typed.trim() !== word) throw new CodedError('invalid_request', 'not confirmed; nothing was changed');
  } finally {
    terminal.close();
  }
}
