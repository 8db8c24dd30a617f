import { describe, expect, test } from 'vitest';
import { formatUuid, hexOfUuid, storedEventId, uuidV5 } from './event-id.ts';

function hexOf(uuid: string): string {
  return uuid.replaceAll('-', '');
}

const DNS = Buffer.from('6ba7b8109dad11d180b400c04fd430c8', 'hex');

describe('a name-based UUID', () => {
  // The known values of RFC 9562, appendix A.4, and of the documentation of Python's uuid module.
  test.each([
    ['www.example.com', '2ed6657d-e927-568b-95e1-2665a8aea6a2'],
    ['python.org', '886313e1-3b8a-5372-9b90-0c9aee199e5d'],
  ])('of %s in the DNS namespace has its known value', (name, uuid) => {
    expect(formatUuid(uuidV5(DNS, name))).toBe(uuid);
  });

  test('has the right version and variant', () => {
    for (let i = 0; i < 200; i++)
      expect(formatUuid(uuidV5(DNS, `name ${i}`))).toMatch(/^.{14}5.{4}[89ab].{16}$/);
  });
});

describe('the stored id', () => {
  const uuid = '0190163D-8694-739B-AEA5-966C26F8AD91';

  test('of a UUID is that UUID, whatever its case and org', () => {
    expect(storedEventId('acme', uuid)).toBe(hexOf(uuid).toLowerCase());
    expect(storedEventId('globex', uuid.toLowerCase())).toBe(hexOf(uuid).toLowerCase());
  });

  test.each(['order-1', hexOf(uuid), `{${uuid}}`, `urn:uuid:${uuid}`, `${uuid} `, '👍', "'"])(
    'of another id, such as %j, is its name-based UUID in the org',
    (id) => {
      expect(hexOfUuid(id)).toBeUndefined();
      expect(formatUuid(storedEventId('acme', id))).toMatch(/^.{14}5.{4}[89ab].{16}$/);
      expect(storedEventId('acme', id)).toBe(storedEventId('acme', id));
      expect(storedEventId('acme', id)).not.toBe(storedEventId('globex', id));
    },
  );

  test('never changes: events stored before an upgrade are still known after it', () => {
    expect(formatUuid(storedEventId('acme', 'order-1'))).toBe('7ae91947-a406-554e-8afc-48c94f4e07b9');
    expect(formatUuid(storedEventId('größe 👍', '五'))).toBe('2e45105a-1aef-52e1-a604-f7ca52b96d51');
  });

  test('is the same after more orgs than the cache holds came between', () => {
    const before = storedEventId('acme', 'order-1');
    for (let i = 0; i < 10_001; i++) storedEventId(`org ${i}`, 'x');
    expect(storedEventId('acme', 'order-1')).toBe(before);
  });
});
