/** Holds the code to its dialect: the rules for functions, and the size of a folder. `--write` shortens the exceptions. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { functionOffences } from './functions.ts';
import { hold, type Offence, root } from './ratchet.ts';

/** A folder is a room that is seen at a glance. One that outgrows this gets rooms of its own. */
const MOST_FILES = 22;

const files = globSync('{src,tests,bench,scripts}/**', { cwd: root, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
  .sort();

const offences = files
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
  .flatMap((path) => functionOffences(path, readFileSync(join(root, path), 'utf8')));

await hold([...offences, ...folderOffences(files)], 'scripts/tidy/dialect-exceptions.json', 'dialect');

/** Tests are not counted: they stand beside what they test. */
function folderOffences(paths: readonly string[]): Offence[] {
  const sizes = new Map<string, number>();
  for (const path of paths.filter((path) => !path.endsWith('.test.ts'))) {
    sizes.set(dirname(path), (sizes.get(dirname(path)) ?? 0) + 1);
  }
  return [...sizes]
    .filter(([, size]) => size > MOST_FILES)
    .map(([path, size]) => ({
      rule: `a folder has at most ${MOST_FILES} files`,
      ...{ path, size, message: `has ${size} files, at most ${MOST_FILES} are allowed: give it rooms` },
    }));
}
