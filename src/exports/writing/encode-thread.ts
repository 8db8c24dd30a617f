/** The thread that makes a file of lines of CSV. It answers each piece with the bytes that are ready. */
import { constants, getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { LineTask, PieceAnswer } from './encode-in-thread.ts';
import { ndjsonTextLines } from './ndjson.ts';
import { parquetGroups } from './parquet-groups.ts';
import { LineReader } from './read-lines.ts';

/** Takes the cells of a line one by one, from the first column on. */
interface CellSink {
  add(column: number, cell: string | null): void;
  endRow(): void;
  end(): void;
  /** @returns the bytes that are ready */
  take(): Uint8Array[];
}

// Requests go first. Elsewhere than on Linux, this would be about the whole process.
if (process.platform === 'linux') {
  const { PRIORITY_BELOW_NORMAL: lower, PRIORITY_LOW: lowest } = constants.priority;
  setPriority(Math.min(lowest, getPriority() + lower));
}

const { format, columns } = workerData as LineTask;
const sink = format === 'parquet' ? await parquetSink() : ndjsonSink();
let lines = 0;
const reader = new LineReader(
  (column, cell) => sink.add(column, cell),
  () => {
    lines++;
    sink.endRow();
  },
);

parentPort?.on('message', (piece: Uint8Array | 'end') => {
  if (piece === 'end') sink.end();
  else reader.read(piece);
  const answer: PieceAnswer = { lines, bytes: sink.take() };
  const transfer = answer.bytes.map(({ buffer }) => buffer as ArrayBuffer);
  parentPort?.postMessage(answer, transfer);
});

async function parquetSink(): Promise<CellSink> {
  const groups = await parquetGroups(columns);
  let ready: Uint8Array[] = [];
  return {
    add: groups.add,
    endRow() {
      const group = groups.endRow();
      if (group) ready.push(group);
    },
    end: () => ready.push(groups.end()),
    take() {
      const taken = ready;
      ready = [];
      return taken;
    },
  };
}

function ndjsonSink(): CellSink {
  const text = ndjsonTextLines(columns);
  // Its bytes have a buffer of their own, which another thread can be given. Those of a `Buffer` share one.
  const encoder = new TextEncoder();
  return { ...text, end: () => {}, take: () => [encoder.encode(text.take())] };
}
