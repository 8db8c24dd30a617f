import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { compileCache } from './compile-cache.ts';

const tidemark = fileURLToPath(new URL('../../../bin/tidemark.js', import.meta.url));

export interface CommandResult {
  code: number | null;
  output: string;
  complaint: string;
}

/** Starts `tidemark` with these arguments, in an environment of `env` alone. */
export function startCommand(args: readonly string[], env: Record<string, string>) {
  return spawn(process.execPath, [tidemark, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...compileCache(), ...env },
  });
}

/** Resolves to the output of a started command once it has ended. */
export async function endOf(child: ReturnType<typeof startCommand>): Promise<CommandResult> {
  const [output, complaint, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, output, complaint };
}

/** Runs `tidemark` as a process of its own. */
export function runCommand(args: readonly string[], env: Record<string, string>): Promise<CommandResult> {
  return endOf(startCommand(args, env));
}
