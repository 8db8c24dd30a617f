import fc from 'fast-check';
import { expect, test } from 'vitest';
import { poolSizes } from './pool-sizes.ts';

test('every use has a connection, and together they are as many as allowed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 500 }), (total) => {
      const sizes = Object.values(poolSizes(total));
      expect(Math.min(...sizes)).toBeGreaterThanOrEqual(1);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(total);
    }),
  );
});
