import { expect, test } from 'vitest';
import { addressOwner } from './address-owner.ts';

test.each([
  ['192.0.2.7', 'address:192.0.2.7'],
  ['::ffff:192.0.2.7', 'address:192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', 'address:2001:db8:1:2::'],
  ['2001:db8:1:2:ffff::', 'address:2001:db8:1:2::'],
  ['unknown', 'address:unknown'],
])('%s belongs to %s', (address, owner) => {
  expect(addressOwner(address)).toBe(owner);
});
