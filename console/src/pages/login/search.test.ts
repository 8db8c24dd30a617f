import { expect, test } from 'vitest';
import { localPath } from './search.ts';

test.each([
  ['/usage?org=acme&range=7d', '/usage?org=acme&range=7d'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
  ['/login?returnTo=/login', '/'],
  [undefined, '/'],
])('%j leads to %j', (returnTo, path) => {
  expect(localPath(returnTo)).toBe(path);
});
