import { isUtf8 } from 'node:buffer';
import { CodedError } from '../errors.ts';
import { isNestedDeeper } from './json-depth.ts';
import { findJsonFault } from './json-fault.ts';

const BYTE_ORDER_MARK = '\uFEFF';
/** Levels of nesting that are read: the engine's parser takes over 50 bytes for each, until it has seen its end. */
const MAX_DEPTH = 1_000_000;
/** How far into a text the place of a fault is looked for. */
const LAST_LOOKED_AT = 1_000_000;

const LINE_FEED = 0x0a;

function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

/** The text of a body. @throws {CodedError} `invalid_json` when it is not UTF-8 */
function readText(body: Buffer): string {
  if (isUtf8(body)) return textOf(body);
  throw new CodedError('invalid_json', 'The body is not UTF-8.', {
    faults: [{ path: '$', message: 'must be UTF-8' }],
  });
}

/** The lines of a body, each by itself `undefined` when it is not UTF-8. */
export function* readLines(body: Buffer): Generator<string | undefined> {
  if (isUtf8(body)) return yield* textOf(body).split('\n');
  for (let start = 0; start < body.length; ) {
    const next = body.indexOf(LINE_FEED, start);
    const line = body.subarray(start, next === -1 ? body.length : next);
    yield isUtf8(line) ? textOf(line) : undefined;
    start += line.length + 1;
  }
}

export function emptyBody(): CodedError {
  return new CodedError('invalid_json', 'The body is empty.', {
    faults: [{ path: '$', message: 'must not be empty' }],
  });
}

/** `JSON.parse` within bounds. @throws {SyntaxError} for what is no JSON, or nested too deeply */
export function parseJsonText(text: string): unknown {
  if (isNestedDeeper(text, MAX_DEPTH)) throw new SyntaxError('nested too deeply');
  return JSON.parse(text);
}

/**
 * The value of a JSON body. A key such as `__proto__` becomes an ordinary property of its object.
 * @throws {CodedError} `invalid_json`, naming where the fault is
 */
export function parseJson(body: Buffer): unknown {
  const text = readText(body);
  if (text.trim() === '') throw emptyBody();
  try {
    return parseJsonText(text);
  } catch (cause) {
    const message = describeJsonFault(text);
    throw new CodedError('invalid_json', `The body is not valid JSON: ${message}.`, {
      cause,
      faults: [{ path: '$', message }],
    });
  }
}

/** What is wrong with a text that is no JSON, and where. */
export function describeJsonFault(text: string): string {
  if (isNestedDeeper(text, MAX_DEPTH)) return `it is nested deeper than ${MAX_DEPTH} levels`;
  const fault = findJsonFault(text, LAST_LOOKED_AT);
  if (fault === undefined) return `something after position ${LAST_LOOKED_AT} is not right`;
  const before = text.slice(0, fault.offset).split('\n');
  const line = before.length;
  const column = (before.at(-1)?.length ?? 0) + 1;
  const found =
    fault.offset === text.length ? 'it ends there' : `found ${JSON.stringify(text[fault.offset])}`;
  return `at position ${fault.offset} (line ${line}, column ${column}) there should be ${fault.expected}; ${found}`;
}
