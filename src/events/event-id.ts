import { hash } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** The namespace in which each org has its own namespace. Any UUID would do, but changing it breaks deduplication. */
const TIDEMARK_NAMESPACE = Buffer.from('6f1d3b0e5b6e4a0f9c5d0d9be1a7c4e2', 'hex');
const MAX_REMEMBERED_ORGS = 10_000;

/** A name-based UUID, version 5 (RFC 9562, section 5.5), as 32 hexadecimal digits. */
export function uuidV5(namespace: Buffer, name: string): string {
  const digest = hash('sha1', Buffer.concat([namespace, Buffer.from(name)]), 'buffer');
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  return digest.toString('hex', 0, 16);
}

const namespaces = new Map<string, Buffer>();

function namespaceOf(orgId: string): Buffer {
  let namespace = namespaces.get(orgId);
  if (!namespace) {
    if (namespaces.size >= MAX_REMEMBERED_ORGS) namespaces.clear();
    namespace = Buffer.from(uuidV5(TIDEMARK_NAMESPACE, orgId), 'hex');
    namespaces.set(orgId, namespace);
  }
  return namespace;
}

/**
 * The id by which an event is deduplicated, as 32 lower-case hexadecimal digits. A UUID stays as it is; any other id
 * becomes its UUIDv5 in the namespace of the org.
 */
export function storedEventId(orgId: string, eventId: string): string {
  return hexOfUuid(eventId) ?? uuidV5(namespaceOf(orgId), eventId);
}

/** The digits of a UUID in lower case, or `undefined` for any other text. */
export function hexOfUuid(text: string): string | undefined {
  if (!UUID.test(text)) return undefined;
  const id = text.toLowerCase();
  // `replaceAll` takes twice as long.
  return id.slice(0, 8) + id.slice(9, 13) + id.slice(14, 18) + id.slice(19, 23) + id.slice(24);
}

/** The id of what only one event may be (`once` of its type). No event id can contain NUL, so it is none of an event. */
export function onceId(orgId: string, name: string): string {
  return uuidV5(namespaceOf(orgId), `\0${name}`);
}

/** Puts the usual hyphens into 32 hexadecimal digits. */
export function formatUuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
