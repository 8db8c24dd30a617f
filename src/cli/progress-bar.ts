import { SingleBar } from 'cli-progress';

/** A progress bar on standard error. It shows on a terminal only, and disappears at the end. */
export class ProgressBar {
  readonly #total: number;
  #bar: SingleBar | undefined;

  constructor(what: string, total: number) {
    this.#total = total;
    if (!process.stderr.isTTY) return;
    this.#bar = new SingleBar({
      format: '  {what}  {bar}  {percentage} %  {eta_formatted} left',
      stream: process.stderr,
      barsize: 40,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      hideCursor: true,
      clearOnComplete: true,
    });
    this.#bar.start(total, 0, { what });
  }

  show(done: number, what: string): void {
    this.#bar?.update(Math.min(done, this.#total), { what });
  }

  end(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}
