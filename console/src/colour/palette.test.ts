import { expect, test } from 'vitest';
import { colourOf, coloursOf, otherColour, palette, surfaces } from './palette.ts';

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/\w\w/g) ?? []).map((byte) => {
    const part = Number.parseInt(byte, 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

test.each([...palette, otherColour])('%s can be seen on both surfaces', (colour) => {
  expect(contrast(colour, surfaces.light)).toBeGreaterThanOrEqual(3);
  expect(contrast(colour, surfaces.dark)).toBeGreaterThanOrEqual(3);
});

test('a name always has the same colour', () => {
  expect(colourOf('gpt-4o')).toBe(colourOf('gpt-4o'));
  expect(palette).toContain(colourOf('gpt-4o'));
});

test('eight models have eight colours, in whatever order they are known', () => {
  const models = ['gpt-4o', 'gpt-4o-mini', 'claude-sonnet', 'llama', 'gemini', 'o1', 'haiku', 'mistral'];
  const colours = coloursOf(models);
  expect(new Set(colours.values()).size).toBe(8);
  expect(coloursOf(models.toReversed())).toEqual(colours);
});

test('the ninth model shares a colour with another', () => {
  const colours = coloursOf(Array.from({ length: 9 }, (_, index) => `model-${index}`));
  expect(new Set(colours.values()).size).toBe(8);
});
