const LINE_FEED = 0x0a;
/** As many bytes are needed to tell UTF-16 from UTF-8. */
const TELLING = 4;
/** `sep=;` with a mark before it and two line ends after it. */
const LONGEST_SEPARATOR_LINE = 16;
const SEPARATOR_LINE = /^\uFEFF?sep=([^\r\n]{1,2})\r?\n/i;

/** The bytes of a file as UTF-8. UTF-16 is recognised by its mark, or by the zeros of its first two characters. */
export async function* utf8Of(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { first, rest } = await readAhead(chunks, (bytes) => bytes.length >= TELLING);
  const encoding = utf16Of(first);
  const decoder = encoding === undefined ? undefined : new TextDecoder(encoding);
  const decoded = (bytes: Buffer) =>
    decoder === undefined ? bytes : Buffer.from(decoder.decode(bytes, { stream: true }));
  if (first.length > 0) yield decoded(first);
  for await (const chunk of rest) yield decoded(chunk);
  const last = decoder?.decode() ?? '';
  if (last !== '') yield Buffer.from(last);
}

function utf16Of(bytes: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  const [a, b, c, d] = bytes;
  if ((a === 0xff && b === 0xfe) || (a && b === 0 && c && d === 0)) return 'utf-16le';
  return (a === 0xfe && b === 0xff) || (a === 0 && b && c === 0 && d) ? 'utf-16be' : undefined;
}

/** Takes off a first line such as `sep=;`, in which spreadsheets name the delimiter. */
export async function readSeparatorLine(
  chunks: AsyncIterable<Buffer>,
): Promise<{ delimiter: string | undefined; chunks: AsyncIterable<Buffer> }> {
  const isEnough = (bytes: Buffer) => bytes.includes(LINE_FEED) || bytes.length >= LONGEST_SEPARATOR_LINE;
  const { first, rest } = await readAhead(chunks, isEnough);
  const [line, given] = SEPARATOR_LINE.exec(first.toString('utf8', 0, LONGEST_SEPARATOR_LINE)) ?? [];
  const delimiter = given === '\\t' ? '\t' : given;
  const isNamed = line !== undefined && delimiter?.length === 1;
  const begin = isNamed ? Buffer.byteLength(line) : 0;
  return {
    delimiter: isNamed ? delimiter : undefined,
    chunks: joined(first.subarray(begin), rest),
  };
}

/** Reads until the first bytes are enough, or all there are. */
export async function readAhead(chunks: AsyncIterable<Buffer>, isEnough: (bytes: Buffer) => boolean) {
  const rest = chunks[Symbol.asyncIterator]();
  let first: Buffer = Buffer.alloc(0);
  while (!isEnough(first)) {
    const { done, value } = await rest.next();
    if (done) break;
    first = Buffer.concat([first, value]);
  }
  return { first, rest: { [Symbol.asyncIterator]: () => rest } };
}

export async function* joined(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  yield* rest;
}
