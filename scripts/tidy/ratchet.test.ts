import { expect, test } from 'vitest';
import { acceptAll, judge, type Offence } from './ratchet.ts';

function long(path: string, name: string, size = 80): Offence {
  return { rule: 'lines', path, name, size, message: `${size} lines` };
}

test('an offence of the list is accepted, another is not', () => {
  const [known, other] = [long('src/a.ts', 'first'), long('src/a.ts', 'second')];
  const { fresh, unneeded } = judge([known, other], acceptAll([known]));
  expect(fresh).toEqual([other]);
  expect(unneeded).toEqual([]);
});

test('an offence that grew is refused, and its exception is kept', () => {
  const { fresh, unneeded, needed } = judge([long('src/a.ts', 'first', 81)], {
    lines: { 'src/a.ts#first': 80 },
  });
  expect(fresh).toHaveLength(1);
  expect(unneeded).toEqual([]);
  expect(needed).toEqual({ lines: { 'src/a.ts#first': 80 } });
});

test('an offence that shrank lowers what is accepted from now on', () => {
  const { fresh, needed } = judge([long('src/a.ts', 'first', 75)], { lines: { 'src/a.ts#first': 80 } });
  expect(fresh).toEqual([]);
  expect(needed).toEqual({ lines: { 'src/a.ts#first': 75 } });
});

test('an exception without an offence is no longer needed', () => {
  const { unneeded, needed } = judge([], { lines: { 'src/a.ts#first': 80 } });
  expect(unneeded).toEqual(['lines: src/a.ts#first']);
  expect(needed).toEqual({});
});

test('an exception follows its name into another file, once', () => {
  const moved = [long('src/b/a.ts', 'first'), long('src/c.ts', 'first')];
  const { fresh, unneeded, needed } = judge(moved, { lines: { 'src/a.ts#first': 80 } });
  expect(fresh).toEqual([moved[1]]);
  expect(unneeded).toEqual([]);
  expect(needed).toEqual({ lines: { 'src/b/a.ts#first': 80 } });
});

test('a folder, which has no name beside its path, is not taken for another', () => {
  const folder: Offence = { rule: 'files', path: 'src/b', size: 30, message: '30 files' };
  const { fresh, unneeded } = judge([folder], { files: { 'src/a': 30 } });
  expect(fresh).toEqual([folder]);
  expect(unneeded).toEqual(['files: src/a']);
});

test('of offences that share a name the largest counts, however they are ordered', () => {
  const twice = [long('src/a.ts', 'first', 90), long('src/a.ts', 'first', 80)];
  expect(acceptAll(twice)).toEqual({ lines: { 'src/a.ts#first': 90 } });
  expect(judge(twice, { lines: { 'src/a.ts#first': 90 } })).toMatchObject({ fresh: [], unneeded: [] });
  expect(judge(twice, { lines: { 'src/a.ts#first': 80 } }).fresh).toEqual([twice[0]]);
});
