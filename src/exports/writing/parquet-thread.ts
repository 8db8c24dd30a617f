/** The thread that makes Parquet of lines of CSV. It answers each piece with the bytes that are ready. */
import { parentPort, workerData } from 'node:worker_threads';
import type { LineTask, PieceAnswer } from './encode-in-thread.ts';
import { parquetGroups } from './parquet-groups.ts';
import { LineReader } from './read-lines.ts';

/** Rows of a row group, which are in memory until it is full. Twice as many save a twentieth of time and bytes. */
const ROWS_OF_GROUP = 5_000;

const { columns } = workerData as LineTask;
const groups = await parquetGroups(columns);
let lines = 0;
let ready: Uint8Array[] = [];
const reader = new LineReader(
  (column, cell) => groups.add(column, cell),
  () => {
    lines++;
    if (lines % ROWS_OF_GROUP === 0) ready.push(groups.writeGroup());
  },
);

parentPort?.on('message', (piece: Uint8Array | 'end') => {
  if (piece === 'end') ready.push(groups.writeGroup(), groups.end());
  else reader.read(piece);
  const answer: PieceAnswer = { lines, bytes: ready };
  ready = [];
  const transfer = answer.bytes.map(({ buffer }) => buffer as ArrayBuffer);
  parentPort?.postMessage(answer, transfer);
});
