import { SECOND } from '../../src/time.ts';

/** Minimum time between two lines without a terminal. */
const PAUSE = 10 * SECOND;
let lastLine = Number.NEGATIVE_INFINITY;

/** Shows the current step: on one line of the terminal, or as a line at intervals without a terminal. */
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
