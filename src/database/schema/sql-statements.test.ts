import { expect, test } from 'vitest';
import { splitStatements } from './sql-statements.ts';

test('a script is split at its semicolons', () => {
  expect(splitStatements('select 1;\nselect 2; ')).toEqual(['select 1', 'select 2']);
});

test.for([
  ["select ';', 'it''s; so'; select 2", ["select ';', 'it''s; so'", 'select 2']],
  ['select 1 as "a;b"; select 2', ['select 1 as "a;b"', 'select 2']],
  ['-- one; two\nselect 1; /* three; */ select 2', ['-- one; two\nselect 1', '/* three; */ select 2']],
  ['do $$ begin perform 1; end $$; select 2', ['do $$ begin perform 1; end $$', 'select 2']],
  ['do $x$ select $$;$$; $x$; select 2', ['do $x$ select $$;$$; $x$', 'select 2']],
] as const)('a script is not split within %j', ([script, statements]) => {
  expect(splitStatements(script)).toEqual(statements);
});

test('empty statements are left out', () => {
  expect(splitStatements('-- Up\n\nselect 1;\n-- that was all;\n')).toEqual(['-- Up\n\nselect 1']);
});
