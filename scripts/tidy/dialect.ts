/** Checks functions and the size of folders. `--write` removes the exceptions that are no longer needed. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { functionOffences } from './functions.ts';
import { hold, type Offence, root } from './ratchet.ts';

/** A reader sees a folder of this size at a glance. A larger one is divided into folders. */
const MOST_FILES = 22;
/** Written by scripts/console-types.ts. */
const GENERATED = 'console/src/api/schema.ts';
/** A sequence that only grows: its files are read by their numbers, and none may move. */
const SEQUENCE = 'src/database/migrations';

const files = globSync('{src,tests,bench,scripts,console/src}/**', { cwd: root, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
  .sort();

const offences = files
  .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts') && path !== GENERATED)
  .flatMap((path) => functionOffences(path, readFileSync(join(root, path), 'utf8')));

await hold([...offences, ...folderOffences(files)], 'scripts/tidy/dialect-exceptions.json', 'dialect');

/**
 * Tests are not counted, because they stand beside the code that they test. Neither are migrations: their list only
 * grows, and a folder for some of them would say nothing.
 */
function folderOffences(paths: readonly string[]): Offence[] {
  const sizes = new Map<string, number>();
  for (const path of paths.filter((path) => !/\.test\.ts$|\/migrations\//.test(path))) {
    sizes.set(dirname(path), (sizes.get(dirname(path)) ?? 0) + 1);
  }
  return [...sizes]
    .filter(([path, size]) => size > MOST_FILES && path !== SEQUENCE)
    .map(([path, size]) => ({
      rule: `a folder has at most ${MOST_FILES} files`,
      ...{
        path,
        size,
        message: `has ${size} files, at most ${MOST_FILES} are allowed: divide it into folders`,
      },
    }));
}
