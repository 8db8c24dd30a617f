import { expect, test } from 'vitest';
import { dimensionText, metricText } from './names.ts';

test.each([
  ['usage.error_rate', 'LLM calls: error rate'],
  ['custom.seconds', 'custom: seconds'],
  ['prometheus', 'prometheus'],
])('the metric %s is read as %s', (name, text) => {
  expect(metricText(name)).toBe(text);
});

test.each([
  ['modelId', 'model'],
  ['errorCode', 'error code'],
  ['sku', 'SKU'],
  ['label.team', 'label team'],
])('the dimension %s is read as %s', (name, text) => {
  expect(dimensionText(name)).toBe(text);
});
