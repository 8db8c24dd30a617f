import { expect, test } from 'vitest';
import { newEventId } from './event-id.ts';

test('ids are UUIDs of version 7: they begin with their time, and no two are the same', () => {
  const ids = Array.from({ length: 1_000 }, (_, index) => newEventId(1_700_000_000_000 + index));
  for (const [index, id] of ids.entries()) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(1_700_000_000_000 + index);
  }
  expect(new Set(ids).size).toBe(1_000);
  expect([...ids].sort()).toEqual(ids);
});
