import { expect, test } from 'vitest';
import { isSql, sqlComments } from './sql.ts';

test.each([
  'select count(*) as jobs from analytics.events where type = VALUE',
  '\n    with recent as (select id from analytics.folds) select id from recent',
  'with VALUE, VALUE update analytics.events e set cost = VALUE',
  'changed as ( select j.n from job j )',
  'VALUE where c.id = any($1::uuid[]) order by c.id',
  '-- The newest first.\n select id from analytics.folds',
  'and occurred_at >= VALUE and occurred_at < VALUE',
  'lock table analytics.events in VALUE mode',
])('is SQL: %s', (text) => {
  expect(isSql(text)).toBe(true);
});

test.each([
  'where to put the rows that are refused (FILE.rejected.ndjson)',
  'and so do the hours of whole days',
  'with another name it is counted once more',
  'drop dead letters by their id, or all of them',
  'VALUE is not an org; use letters, digits and at most 200 characters',
  'The set of prices was updated while it was read; try again',
])('is no SQL: %s', (text) => {
  expect(isSql(text)).toBe(false);
});

test('comments of SQL are those on lines of their own, together, and those after code', () => {
  const text = 'select id -- Of the fold.\n  -- The planner takes\n  -- them for one row.\n  from folds';
  expect(sqlComments(text)).toEqual(['-- Of the fold.'.slice(3), 'The planner takes\nthem for one row.']);
});
