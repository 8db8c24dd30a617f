import { expect, test } from 'vitest';
import { linesIn, linesOf, type UnreadableLine } from './lines.ts';

async function* inChunks(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(chunks: AsyncIterable<Buffer>) {
  const lines: (string | UnreadableLine)[] = [];
  for await (const line of linesOf(chunks)) lines.push(line);
  return lines;
}

const MOST = 1_000_000;
const tooLong = 'x'.repeat(MOST + 1);

test.each<[string, Buffer, (string | UnreadableLine)[]]>([
  ['two lines', Buffer.from('a\nb'), ['a', 'b']],
  ['blank lines and other line ends', Buffer.from('a\r\n\n\nb'), ['a\r', '', '', 'b']],
  ['a byte order mark', Buffer.from('\uFEFFa\n\uFEFFb'), ['a', '\uFEFFb']],
  ['nothing but line feeds', Buffer.from('\n\nx'), ['', '', 'x']],
  [
    'a line that is not UTF-8',
    Buffer.concat([Buffer.from('\uFEFFä\n'), Buffer.from([0xff, 0x0a]), Buffer.from('b')]),
    ['ä', { fault: 'is not UTF-8', shown: '\uFFFD' }, 'b'],
  ],
  [
    'a line that is too long',
    Buffer.from(`a\n${tooLong}\nb\n${'y'.repeat(MOST)}`),
    ['a', { fault: 'is longer than 1000000 bytes', shown: 'x'.repeat(1_000) }, 'b', 'y'.repeat(MOST)],
  ],
  [
    'a line that is too long in bytes, not in characters',
    Buffer.from(`${'é'.repeat(MOST / 2 + 1)}\nb`),
    [{ fault: 'is longer than 1000000 bytes', shown: expect.stringMatching(/^é+$/) }, 'b'],
  ],
])('%s are the same lines at once and in chunks', async (_what, bytes, expected) => {
  expect([...linesIn(bytes)]).toEqual(expected);
  for (const size of bytes.length < 100 ? [1, 2, 3, 64] : [1_000, 65_536]) {
    expect(await collect(inChunks(bytes, size))).toEqual(expected);
  }
});

test('a line feed at the end begins a last, blank line in a whole body, and none in a stream', async () => {
  expect([...linesIn(Buffer.from('a\n'))]).toEqual(['a', '']);
  expect(await collect(inChunks(Buffer.from('a\n'), 64))).toEqual(['a']);
});
