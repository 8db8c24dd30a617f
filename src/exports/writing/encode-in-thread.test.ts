import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Cells, Column } from './columns.ts';
import { encodeInThread } from './encode-in-thread.ts';
import { ndjsonLines } from './ndjson.ts';

const columns: Column[] = [
  { name: 'id', type: 'text' },
  { name: 'count', type: 'integer' },
  { name: 'cost', type: 'decimal', isExact: true },
  { name: 'latency', type: 'decimal' },
  { name: 'at', type: 'time' },
  { name: 'ok', type: 'boolean' },
  { name: 'metadata', type: 'json' },
];

/** Each row as the cells of JavaScript, and as PostgreSQL writes them. */
const rows: [Cells, string][] = [
  [
    ['=1', 9_007_199_254_740_993n, '0.10', 0.001, '2026-11-03T14:00:00.120000Z', true, '{"b":"x, y","a":1}'],
    '=1,9007199254740993,0.10,0.001,2026-11-03T14:00:00.12Z,t,"{""b"": ""x, y"", ""a"": 1}"',
  ],
  [[null, null, null, null, null, null, null], ',,,,,,'],
  [
    ['', 0, '-0.0000001', 1e15, '1969-12-31T23:59:59Z', false, '[]'],
    '"",0,-0.0000001,1e+15,1969-12-31T23:59:59Z,f,[]',
  ],
  [
    ['a"b\r\nc\\d\te\u0001\u007f\u2028漢😀', 1, null, null, null, null, '"\\u0001"'],
    '"a""b\r\nc\\d\te\u0001\u007f\u2028漢😀",1,,,,,"""\\u0001"""',
  ],
];

async function encoded(pieces: readonly Uint8Array[]): Promise<{ text: string; lines: number }> {
  const encoder = encodeInThread('ndjson', columns);
  try {
    const ready: Uint8Array[] = [];
    for (const piece of pieces) ready.push(await encoder.take(piece));
    ready.push(await encoder.end());
    return { text: Buffer.concat(ready).toString(), lines: encoder.lines };
  } finally {
    await encoder.close();
  }
}

test.each([1, 7, 1_000])(
  'NDJSON of lines is that of rows, byte by byte, in pieces of %i bytes',
  async (size) => {
    const csv = Buffer.from(rows.map(([, line]) => `${line}\n`).join(''));
    const pieces = Array.from({ length: Math.ceil(csv.length / size) }, (_, at) =>
      csv.subarray(at * size, (at + 1) * size),
    );
    const line = ndjsonLines(columns);
    const expected = rows.map(([cells]) => line(cells)).join('');
    expect(await encoded(pieces)).toEqual({ text: expected, lines: rows.length });
  },
);

test('a thread that fails before it is asked fails its file, and not the process', async () => {
  const unknown = { name: 'id', type: 'nothing' } as unknown as Column;
  const encoder = encodeInThread('parquet', [unknown]);
  // An error that nobody listens to would end the process, which here is the test.
  await wait(2_000);
  await expect(encoder.end()).rejects.toThrow(TypeError);
  await encoder.close();
});

/** The place of the nice value in `/proc/<pid>/stat`, after the name. */
const NICE = 16;

/** How much each thread of this process leaves the processor to others; the main thread is the first. */
async function niceOfThreads(): Promise<number[]> {
  const ids = (await readdir('/proc/self/task')).map(Number).sort((a, b) => a - b);
  const stats = await Promise.all(
    ids.map((id) => readFile(`/proc/self/task/${id}/stat`, 'utf8').catch(() => '')),
  );
  return stats
    .filter((stat) => stat !== '')
    .map((stat) => Number(stat.slice(stat.lastIndexOf(') ')).split(' ')[NICE + 1]));
}

test.runIf(process.platform === 'linux')(
  'the thread has a low priority, and the others keep theirs',
  async () => {
    const [main = 0, ...before] = await niceOfThreads();
    const encoder = encodeInThread('ndjson', columns);
    await encoder.end();
    const [mainBeside, ...beside] = await niceOfThreads();
    await encoder.close();
    const low = Math.min(19, main + 10);
    const lowered = (threads: number[]) => threads.filter((nice) => nice === low).length;
    expect(mainBeside).toBe(main);
    expect(lowered(beside) - lowered(before)).toBe(1);
  },
);
