import ipaddr from 'ipaddr.js';

/**
 * Addresses that are public by their range, and yet lead into the network of the machine: Azure answers its virtual
 * machines at this one (https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16). The
 * metadata addresses of the other clouds are in ranges that are not public.
 */
const INSIDE = [ipaddr.parseCIDR('168.63.129.16/32')];
/** All public IPv6 addresses are in it (RFC 4291). Others can contain an IPv4 address, such as `::127.0.0.1`. */
const GLOBAL_V6 = ipaddr.parseCIDR('2000::/3');

/** Whether an address may be reached: it is public, or in one of the addresses and CIDR ranges given. */
export function allowedBy(allow: readonly string[]): (address: string) => boolean {
  const ranges = allow.map((range) =>
    range.includes('/')
      ? ipaddr.parseCIDR(range)
      : ([ipaddr.process(range), range.includes(':') ? 128 : 32] as [ipaddr.IPv4 | ipaddr.IPv6, number]),
  );
  return (address) => {
    // An IPv4 address written as an IPv6 one is judged as IPv4.
    const parsed = ipaddr.process(address);
    return isPublic(parsed) || ranges.some((range) => isWithin(parsed, range));
  };
}

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast') return false;
  if (address.kind() === 'ipv6') return isWithin(address, GLOBAL_V6);
  return !INSIDE.some((range) => isWithin(address, range));
}

function isWithin(
  address: ipaddr.IPv4 | ipaddr.IPv6,
  [range, bits]: [ipaddr.IPv4 | ipaddr.IPv6, number],
): boolean {
  return range.kind() === address.kind() && address.match(range, bits);
}

/** The host of a URL: a name, or an address without brackets. */
export function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}

/** Whether a host is an address, and not a name. */
export function isAddress(host: string): boolean {
  return ipaddr.isValid(host);
}

/**
 * The private address that a URL contains, so that the caller who enters it gets an error. A host name is checked only
 * when it is dialled.
 * @returns `undefined` if the URL contains no address, a public one, or an allowed one
 */
export function privateAddressIn(url: string, allow: readonly string[]): string | undefined {
  const host = hostOf(url);
  const address = /^(.+\.)?localhost\.?$/.test(host) ? '127.0.0.1' : host;
  return isAddress(address) && !allowedBy(allow)(address) ? host : undefined;
}
