import { expect, test } from 'vitest';
import { functionOffences } from './functions.ts';

function found(text: string, path = 'src/a.ts'): string[] {
  return functionOffences(path, text).map(({ rule, name, size, line }) => `${line} ${name} ${size}: ${rule}`);
}

function lines(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `  step(${index});`);
}

const declarations = 'top-level functions are declarations';
const length = 'a function ends by line 70';
const parameters = 'at most 4 positional parameters';

test('an arrow in a top-level constant is an offence', () => {
  expect(found('export const add = (a: number) => a + 1;')).toEqual([`1 add 1: ${declarations}`]);
  expect(found('\nconst add = async function (a: number) {};')).toEqual([`2 add 1: ${declarations}`]);
});

test('a declaration, a constant with a type and an arrow inside are none', () => {
  expect(found('function f() { const g = () => 1; return g; }')).toEqual([]);
  expect(found('const f: Handler = () => 1; const g = once(() => 1);')).toEqual([]);
});

test('a function may end on its line 70, not later', () => {
  const text = (count: number) => ['class Engine {', 'start() {', ...lines(count - 2), '}', '}'].join('\n');
  expect(found(text(70))).toEqual([]);
  expect(found(text(71))).toEqual([`2 Engine.start 71: ${length}`]);
});

test('a callback is named after what it is given to', () => {
  const text = ['function register() {', 'server.get("/", () => {', ...lines(70), '});', '}'].join('\n');
  expect(found(text)).toEqual([`1 register 74: ${length}`, `2 register.get callback 72: ${length}`]);
});

test('callbacks of describe and test may be longer, and have a parameter for each column', () => {
  const text = ['test.each([1])("adds", (a, b, c, d, e) => {', ...lines(80), '});'].join('\n');
  expect(found(text, 'src/a.test.ts')).toEqual([]);
  expect(found(text.replace('test', 'table'), 'src/a.test.ts')).toHaveLength(2);
  expect(found(text)).toHaveLength(2);
});

test('a fifth parameter is an offence, the type of this is no parameter', () => {
  expect(found('function f(a, b, c, d, e) {}')).toEqual([`1 f 5: ${parameters}`]);
  expect(found('function f(this: Engine, a, b, c, d) {}')).toEqual([]);
  expect(found('class A { constructor(a, b, c, d, e) {} }')).toEqual([`1 A.constructor 5: ${parameters}`]);
});
