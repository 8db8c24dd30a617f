import { refuseParameter } from '../fields/query-parameters.ts';

/** `team=search` as an entry of the metadata. The value may have further equals signs. */
export function readEntry(text: string | undefined): { metadata?: { key: string; value: string } } {
  if (text === undefined) return {};
  const at = text.indexOf('=');
  if (at > 0) return { metadata: { key: text.slice(0, at), value: text.slice(at + 1) } };
  throw refuseParameter('metadata', 'must be the name of an entry, =, and its value, such as team=search');
}
