import { expect, test } from 'vitest';
import { allowedBy, privateAddressIn } from './public-address.ts';

test.each([
  ['168.63.129.16', 'Azure'],
  ['::ffff:168.63.129.16', 'Azure, written as IPv6'],
  ['169.254.169.254', 'AWS, Google, Azure, DigitalOcean'],
  ['169.254.170.2', 'AWS, containers'],
  ['fd00:ec2::254', 'AWS'],
  ['fd20:ce::254', 'Google'],
  ['192.0.0.192', 'Oracle'],
  ['100.100.100.200', 'Alibaba'],
])('the metadata address %s is not public (%s)', (address) => {
  expect(allowedBy([])(address)).toBe(false);
});

test.each([
  '0.0.0.0',
  '10.0.0.1',
  '100.64.0.1',
  '127.0.0.1',
  '172.16.0.1',
  '192.0.2.1',
  '192.88.99.1',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::7f00:1',
  '::ffff:0:7f00:1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::a00:1',
  '100::1',
  '2001:0:1::',
  '2001:db8::1',
  '2002:7f00:1::',
  '3fff::1',
  '4000::1',
  '5f00::1',
  'fe80::1',
  'fec0::1',
  'ff02::1',
])('%s is not public', (address) => {
  expect(allowedBy([])(address)).toBe(false);
});

test.each(['1.1.1.1', '168.63.129.17', '8.8.8.8', '2606:4700:4700::1111', '2a00:1450::1'])(
  '%s is public',
  (address) => {
    expect(allowedBy([])(address)).toBe(true);
  },
);

test('the operator can allow private addresses, one by one or as ranges', () => {
  const isAllowed = allowedBy(['168.63.129.16', '10.0.0.0/8', 'fd00::/8']);
  expect(['168.63.129.16', '10.1.2.3', '::ffff:10.1.2.3', 'fd00::1'].every(isAllowed)).toBe(true);
  expect(['10.0.0.1', '127.0.0.1', 'fe80::1'].map(isAllowed)).toEqual([true, false, false]);
});

test('a URL with a private address is found before it is dialled', () => {
  expect(privateAddressIn('http://[::127.0.0.1]/', [])).toBe('::7f00:1');
  expect(privateAddressIn('http://a.localhost./', [])).toBe('a.localhost.');
  expect(privateAddressIn('https://example.com/', [])).toBeUndefined();
});
