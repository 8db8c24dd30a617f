import { isObject } from '../events/json-object.ts';
import { type DecodedEvents, refuseTooMany, type UnreadableEvent } from './decoded-events.ts';
import { refuseTooMuchJson } from './json-size.ts';
import { linesIn, linesOf } from './lines.ts';
import { describeJsonFault, parseJsonText } from './parse-json.ts';
import type { ImportRow } from './row.ts';

/** Characters of faulty lines in which the place of the fault is looked for, in one body. */
const MAX_SEARCHED = 1_000_000;

/** Reads a body of one event a line. Blank lines do not count; a line that is not JSON is an unreadable event. */
export function decodeNdjson(body: Buffer): DecodedEvents {
  refuseTooMuchJson(body);
  const events: unknown[] = [];
  const unreadable = new Map<number, UnreadableEvent>();
  const parse = lineParser(MAX_SEARCHED);
  for (const line of linesIn(body)) {
    if (isBlank(line)) continue;
    refuseTooMany(events.length + 1);
    const parsed = typeof line === 'string' ? parse(line) : new LineFault(line.fault);
    if (parsed instanceof LineFault) {
      unreadable.set(events.length, { eventId: null, field: '', message: parsed.message });
      events.push(undefined);
    } else events.push(parsed);
  }
  return { events, unreadable, single: false };
}

/** Reads a file of one JSON object a line as rows. Blank lines count as lines and not as rows. */
export async function* ndjsonRows(file: AsyncIterable<Buffer>): AsyncGenerator<ImportRow> {
  const parse = lineParser(Number.POSITIVE_INFINITY);
  let number = 0;
  for await (const line of linesOf(file)) {
    number++;
    if (isBlank(line)) continue;
    const raw = (typeof line === 'string' ? line : line.shown).trim();
    const parsed = typeof line === 'string' ? parse(line) : new LineFault(line.fault);
    const value =
      parsed instanceof LineFault || isObject(parsed) ? parsed : new LineFault('is not a JSON object');
    yield { line: number, raw, cells: value instanceof LineFault ? value.message : value };
  }
}

class LineFault {
  readonly message: string;

  constructor(fault: string) {
    this.message = `the line ${fault}`;
  }
}

function isBlank(line: unknown): boolean {
  return typeof line === 'string' && line.trim() === '';
}

/** Parses lines. It says where a fault is until so many characters of faulty lines have been searched for it. */
function lineParser(maxSearched: number): (line: string) => unknown {
  let searched = 0;
  return (line) => {
    try {
      return parseJsonText(line);
    } catch {
      if (searched + line.length > maxSearched) return new LineFault('is not valid JSON');
      searched += line.length;
      return new LineFault(`is not valid JSON: ${describeJsonFault(line.trimEnd())}`);
    }
  };
}
