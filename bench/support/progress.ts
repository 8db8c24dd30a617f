import { SECOND } from '../../src/time.ts';

/** Without a terminal, a line at most this often. */
const PAUSE = 10 * SECOND;
let lastLine = Number.NEGATIVE_INFINITY;

/** Tells what is being done: on one line of the terminal, or on a line now and then where there is none. */
export function progress(what: string): void {
  const { stderr } = process;
  if (stderr.isTTY) stderr.write(`\r\u001b[K${what}`);
  else if (performance.now() - lastLine > PAUSE) {
    lastLine = performance.now();
    stderr.write(`${what}\n`);
  }
}

/** Clears the line, before results are printed. */
export function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
}
