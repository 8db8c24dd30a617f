import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/**
 * Writes a generated file of the repository; with `--check` among the arguments only says whether it is up
 * to date, and fails the process when it is not.
 * @param path from the root of the repository
 * @param npmScript the script that writes it
 */
export async function writeGenerated(path: string, text: string, npmScript: string): Promise<void> {
  const file = join(root, path);
  if (!process.argv.includes('--check')) {
    await writeFile(file, text);
  } else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
    console.error(`${path} is out of date: npm run ${npmScript}`);
    process.exitCode = 1;
  }
}
