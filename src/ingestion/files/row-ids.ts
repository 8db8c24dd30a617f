import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { DEFAULT_TYPE } from '../../events/catalogue.ts';
import { formatUuid, uuidV5 } from '../../events/event-id.ts';
import { isObject } from '../../events/json-object.ts';
import { MAX_ID_LENGTH } from '../../events/read-envelope.ts';
import { parseTimestamp } from '../../events/timestamp.ts';
import { Occurrences } from './occurrences.ts';

export const rowIdentities = ['content', 'position'] as const;
/**
 * What identifies a row without an id. `content`: the event that the row becomes, and its number among equal rows of the
 * file. `position`: the name of the file and the number of the row, as 0.1.0 had it.
 */
export type RowIdentity = (typeof rowIdentities)[number];

/** The namespace of ids by content. Any UUID would do, but changing it breaks deduplication. */
const ROWS_NAMESPACE = Buffer.from('3c9be1f4a50d4d6a8f0b7e25d1c6a983', 'hex');

/** Returns the id of a row that has none, by its event and its number in the file. */
export type RowId = (event: Readonly<Record<string, unknown>>, number: number) => string;

export function rowIdsOf(path: string, identity: RowIdentity): RowId {
  return identity === 'content' ? idsByContent() : idsByPosition(basename(path));
}

/** Equal rows are told apart by their number among each other, so the order and the name of the file do not matter. */
function idsByContent(): RowId {
  const occurrences = new Occurrences();
  return (event) => {
    const content = contentOf(event);
    const occurrence = occurrences.next(createHash('sha256').update(content).digest());
    return formatUuid(uuidV5(ROWS_NAMESPACE, `${occurrence} ${content}`));
  };
}

/** The name and the number; the hash of the name if the id would be too long. */
function idsByPosition(name: string): RowId {
  const hash = createHash('sha256').update(name).digest('hex');
  return (_event, number) => {
    const id = `${name}:${number}`;
    return id.length <= MAX_ID_LENGTH ? id : `${hash}:${number}`;
  };
}

/**
 * An event as text. The order of its fields, spaces around a text, and the way in which a time is written are no
 * content: exports of one system may differ in them.
 */
function contentOf(event: Readonly<Record<string, unknown>>): string {
  const { occurredAt, type = DEFAULT_TYPE } = event;
  const micros = typeof occurredAt === 'string' ? parseTimestamp(occurredAt.trim()) : undefined;
  return JSON.stringify(sorted({ ...event, type, occurredAt: micros ?? occurredAt }));
}

/** The value with sorted keys, without absent fields, and with texts trimmed and composed. */
function sorted(value: unknown): unknown {
  if (typeof value === 'string') return value.trim().normalize();
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined && entry !== null);
  // Pairs, because an object would order keys that look like numbers first and lose `__proto__`.
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, entry]) => [key, sorted(entry)]);
}
