import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface Shell {
  /** Runs commands as if typed; variables stay set for later ones. */
  run(commands: string): Promise<{ output: string; status: number }>;
  end(): Promise<void>;
}

/** One bash for commands that build on each other. Standard error is not part of the output. */
export function openShell(options: { cwd: string; env: Record<string, string | undefined> }): Shell {
  const bash = spawn('bash', ['--noprofile', '--norc'], { ...options, stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: bash.stdout })[Symbol.asyncIterator]();
  return {
    run: async (commands) => {
      const mark = randomUUID();
      // The output may lack its last line end, as that of curl does.
      bash.stdin.write(`${commands}\nprintf '\\n%s %s\\n' ${mark} $?\n`);
      const output: string[] = [];
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`The shell ended within:\n${commands}`);
        if (value.startsWith(mark)) return { output: output.join('\n'), status: Number(value.split(' ')[1]) };
        output.push(value);
      }
    },
    end: async () => {
      bash.stdin.end();
      if (bash.exitCode === null) await once(bash, 'exit');
    },
  };
}

/** The first of the programs that is missing here. */
export function missingProgram(programs: readonly string[]): string | undefined {
  return programs.find((program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status !== 0);
}
