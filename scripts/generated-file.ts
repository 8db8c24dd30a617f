import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/**
 * Writes a generated file of the repository. With the argument `--check` it only compares the file, and the process
 * fails if it is out of date.
 * @param path relative to the root of the repository
 * @param npmScript the script that writes the file
 */
export async function writeGenerated(path: string, text: string, npmScript: string): Promise<void> {
  const file = join(root, path);
  if (!process.argv.includes('--check')) {
    await writeFile(file, text);
  } else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
    console.error(`${path} is out of date; run npm run ${npmScript}`);
    process.exitCode = 1;
  }
}
