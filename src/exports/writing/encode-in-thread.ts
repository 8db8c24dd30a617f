import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { LineEncoder } from './line-encoder.ts';
import type { ExportColumn } from './totals.ts';

/** What a thread is given. */
export interface LineTask {
  format: 'ndjson' | 'parquet';
  columns: readonly ExportColumn[];
}

/** What a thread answers to a piece. */
export interface PieceAnswer {
  /** How many lines it has read so far. */
  lines: number;
  bytes: Uint8Array[];
}

/** Far more than a group of rows of Parquet takes. A thread without a limit collects late. */
const MEMORY_LIMIT_MB = 512;
const YOUNG_GENERATION_MB = 24;
/** Beside this file: TypeScript in a checkout, JavaScript in the package. */
const threadFile = new URL(`./encode-thread${extname(import.meta.url)}`, import.meta.url);

/** Makes a file in a thread of its own, so that requests do not wait for it. */
export function encodeInThread(format: LineTask['format'], columns: readonly ExportColumn[]): LineEncoder {
  const task: LineTask = { format, columns: [...columns] };
  const thread = new Worker(threadFile, {
    workerData: task,
    execArgv: [],
    resourceLimits: {
      maxOldGenerationSizeMb: MEMORY_LIMIT_MB,
      maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
    },
  });
  // It may fail while nobody waits for an answer, as when it starts. Without a listener, that would end the process.
  let failure: unknown;
  thread.on('error', (error) => {
    failure = error;
  });
  let lines = 0;
  const ask = async (piece: Uint8Array | 'end') => {
    if (failure !== undefined) throw failure;
    if (piece === 'end') thread.postMessage(piece);
    else {
      // A view is copied with all that its buffer holds, so only the piece itself is handed over.
      const own = new Uint8Array(piece);
      thread.postMessage(own, [own.buffer]);
    }
    const [answer] = (await once(thread, 'message')) as [PieceAnswer];
    lines = answer.lines;
    return Buffer.concat(answer.bytes);
  };
  let before: Promise<Uint8Array> = Promise.resolve(new Uint8Array());
  return {
    get lines() {
      return lines;
    },
    // One piece is on its way while the thread works on the one before.
    async take(piece) {
      const ready = await before;
      before = ask(piece);
      before.catch(() => {});
      return ready;
    },
    async end() {
      const ready = await before;
      return Buffer.concat([ready, await ask('end')]);
    },
    close: async () => void (await thread.terminate()),
  };
}
