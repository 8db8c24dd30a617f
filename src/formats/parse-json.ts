import { isUtf8 } from 'node:buffer';
import { CodedError } from '../errors.ts';
import { isNestedDeeper } from './json-depth.ts';
import { findJsonFault } from './json-fault.ts';

const BYTE_ORDER_MARK = '\uFEFF';
/**
 * The deepest nesting of events that is parsed: the engine's parser takes over 50 bytes a level until the level ends. Of a
 * batch, only the events that are nested at all are refused.
 */
const MAX_DEPTH = 1_000_000;
/** How far into a text the place of a fault is looked for. */
const MAX_SEARCHED = 1_000_000;

/** What keeps some bytes from being JSON. */
export interface NotJson {
  /** Goes on after a name for the bytes: "is not UTF-8". */
  fault: string;
  /** What is wrong, without naming the bytes. */
  message: string;
  cause?: unknown;
}

const NOT_UTF8: NotJson = { fault: 'is not UTF-8', message: 'must be UTF-8' };
const EMPTY: NotJson = { fault: 'is empty', message: 'must not be empty' };

/**
 * Parses JSON in UTF-8, with or without a byte order mark. A key such as `__proto__` becomes an ordinary property of
 * its object. Does not throw.
 */
export function parseJson(bytes: Buffer, mostLevels = MAX_DEPTH): { value: unknown } | NotJson {
  if (!isUtf8(bytes)) return NOT_UTF8;
  const decoded = bytes.toString('utf8');
  const text = decoded.startsWith(BYTE_ORDER_MARK) ? decoded.slice(1) : decoded;
  if (text.trim() === '') return EMPTY;
  try {
    return { value: parseJsonText(text, mostLevels) };
  } catch (cause) {
    const message = describeJsonFault(text, mostLevels);
    return { fault: `is not valid JSON: ${message}`, message, cause };
  }
}

/**
 * The value of a JSON body.
 * @param mostLevels the deepest nesting that the reader of the value can take
 * @throws {CodedError} `invalid_json`, with the place of the fault
 */
export function parseJsonBody(body: Buffer, mostLevels = MAX_DEPTH): unknown {
  const parsed = parseJson(body, mostLevels);
  if ('value' in parsed) return parsed.value;
  throw invalidJson(parsed);
}

export function emptyBody(): CodedError {
  return invalidJson(EMPTY);
}

function invalidJson({ fault, message, cause }: NotJson): CodedError {
  return new CodedError('invalid_json', `The body ${fault}.`, { cause, faults: [{ path: '$', message }] });
}

/** `JSON.parse` within bounds. @throws {SyntaxError} for a text that is not JSON or is nested too deeply */
export function parseJsonText(text: string, mostLevels = MAX_DEPTH): unknown {
  if (isNestedDeeper(text, mostLevels)) throw new SyntaxError('nested too deeply');
  return JSON.parse(text);
}

/** What is wrong with a text that is not JSON, and where. */
export function describeJsonFault(text: string, mostLevels = MAX_DEPTH): string {
  if (isNestedDeeper(text, mostLevels)) return `it is nested deeper than ${mostLevels} levels`;
  const fault = findJsonFault(text, MAX_SEARCHED);
  if (fault === undefined) return `it is wrong somewhere after position ${MAX_SEARCHED}`;
  const before = text.slice(0, fault.offset).split('\n');
  const line = before.length;
  const column = (before.at(-1)?.length ?? 0) + 1;
  const found =
    fault.offset === text.length ? 'it ends there' : `found ${JSON.stringify(text[fault.offset])}`;
  return `at position ${fault.offset} (line ${line}, column ${column}) there should be ${fault.expected}; ${found}`;
}
