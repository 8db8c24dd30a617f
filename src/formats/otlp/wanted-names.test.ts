import { expect, test } from 'vitest';
import { spanAttributes } from './attributes.ts';

const longLabel = `tidemark.label.${'a'.repeat(61)}`;

test.each([
  ['gen_ai.usage.input_tokens', true],
  ['gen_ai.operation.name', true],
  // As long as the one above.
  ['gen_ai.input.messages', false],
  ['gen_ai.aggregated_usage.input_tokens', true],
  ['tidemark.label.team', true],
  ['tidemark.label.', false],
  [longLabel, false],
  ['', false],
  ['x'.repeat(101), false],
  ['ge\u00edn_ai.usage.input_tokens', false],
])('the attribute %s is read: %j, in bytes as in text', (name, isRead) => {
  expect(spanAttributes.has(name)).toBe(isRead);
  const bytes = Buffer.from(`before ${name} after`);
  const end = bytes.length - ' after'.length;
  expect(spanAttributes.find(bytes, 'before '.length, end)).toBe(isRead ? name : undefined);
});
