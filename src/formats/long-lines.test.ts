import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LongLines } from './long-lines.ts';

const LONGEST = 10;

/** The shortened text, where the given text arrives in chunks of these sizes over and over. */
async function shorten(text: string, sizes: readonly number[] = [LONGEST]) {
  const bytes = Buffer.from(text);
  const longLines = new LongLines(LONGEST);
  async function* chunks() {
    for (let at = 0, n = 0; at < bytes.length; n++) {
      const size = sizes[n % sizes.length] ?? LONGEST;
      yield bytes.subarray(at, at + size);
      at += size;
    }
  }
  let result = '';
  for await (const piece of longLines.shorten(chunks())) result += piece.toString();
  return { result, longLines };
}

/** The same with `#` in place of each long line. */
async function marked(text: string, sizes?: readonly number[]) {
  return (await shorten(text, sizes)).result.replaceAll(/long-line-[0-9a-f-]{36} [^\r\n]+/g, '#');
}

test('lines within the limit pass unchanged, whatever the size of the chunks', async () => {
  const line = fc.string({ maxLength: LONGEST, unit: fc.constantFrom('a', 'b', '"', ',') });
  const ends = fc.constantFrom('\n', '\r\n', '\r');
  await fc.assert(
    fc.asyncProperty(
      fc.array(line),
      ends,
      fc.array(fc.integer({ min: 1, max: LONGEST }), { minLength: 1 }),
      async (lines, end, sizes) => {
        const text = lines.join(end);
        expect((await shorten(text, sizes)).result).toBe(text);
      },
    ),
  );
});

test.each([[[1]], [[3]], [[10]], [[7, 2]]])(
  'a line beyond the limit is replaced by a mark, in chunks of %j',
  async (sizes) => {
    expect(await marked('a,b\r\nc,ddddddddd\r\ne,f\r\ngggggggggggggggggggggggg', sizes)).toBe(
      'a,b\r\n#\r\ne,f\r\n#',
    );
  },
);

describe('the quotes of a long line', () => {
  test.each([
    ['are removed with it when they are even', '"aaaaaaaaa",b\nc', '#\nc'],
    ['still open the cell that they opened', 'a,"bbbbbbbbbbb\nc"\nd', '"#\nc"\nd'],
    ['still close the cell that they closed', '"a\nbbbbbbbbbbb",c\nd', '"a\n"#\nd'],
  ])('%s', async (_, text, expected) => {
    expect(await marked(text)).toBe(expected);
  });
});

test('the beginning of a long line is found by its mark', async () => {
  const { result, longLines } = await shorten(`short\n${'x'.repeat(5_000)}\n`);
  const [short, long] = result.split('\n');
  expect(longLines.beginningIn(short ?? '')).toBeUndefined();
  expect(longLines.beginningIn(long ?? '')).toMatch(/^x{10,1000}$/);
});
