import { type DecodedEvents, notEvents, refuseTooMany } from './decoded-events.ts';
import { refuseTooMuchJson } from './json-size.ts';
import { parseJsonBody } from './parse-json.ts';

/** Reads a body of JSON: one event or an array of them. */
export function decodeJson(body: Buffer): DecodedEvents {
  refuseTooMuchJson(body, { isList: true });
  const parsed = parseJsonBody(body);
  const isList = Array.isArray(parsed);
  if (!isList && (typeof parsed !== 'object' || parsed === null))
    throw notEvents('must be an event or an array of events');
  const events = isList ? parsed : [parsed];
  refuseTooMany(events.length);
  return { events, unreadable: new Map(), single: !isList };
}
