/**
 * Builds @tidemark/client and checks it as those who install it will find it: its entries, its types for `import` and
 * `require`, and its size.
 */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const client = join(import.meta.dirname, '..', 'client');
const steps: readonly (readonly string[])[] = [
  ['node', 'build.js', '--required'],
  ['publint', '--strict'],
  // Entries that only newer resolutions find are none for Node 10, which nobody uses any more.
  ['attw', '--pack', '.', '--profile', 'node16', '--quiet'],
  ['size-limit'],
];
for (const [program = '', ...args] of steps) {
  try {
    // `npm exec` finds the programs of the package, and with this Node.
    const exec = ['exec', '--offline', '--', program, ...args];
    execFileSync('npm', exec, { cwd: client, stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: Buffer; stderr?: Buffer };
    console.error(`@tidemark/client: ${program} ${args.join(' ')}\n${stdout ?? error}${stderr ?? ''}`);
    process.exit(1);
  }
}
