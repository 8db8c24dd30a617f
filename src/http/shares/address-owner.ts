import ipaddr from 'ipaddr.js';

/**
 * The owner of the share of a caller without credentials: its address. A host usually has a whole /64 of IPv6, so all of
 * that counts as one owner.
 */
export function addressOwner(address: string): string {
  if (!ipaddr.isValid(address)) return `address:${address}`;
  const parsed = ipaddr.process(address);
  const bytes = parsed.toByteArray();
  return `address:${ipaddr.fromByteArray(bytes.length === 4 ? bytes : bytes.fill(0, 8))}`;
}
