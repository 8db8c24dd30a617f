/** Tells SQL from messages among the strings of the code, and finds the comments in SQL. */

const OBJECT = '(?:temp |unique )*(?:table|index|schema|function|type|sequence|view|extension|database|role)';

const STATEMENTS = [
  'select\\b[^]*[,(*=]',
  'select\\b[^]*\\bfrom\\b',
  'insert into',
  'update \\S+ (?:as )?(?:\\w+ )?set',
  'delete from',
  'with (?:recursive )?(?:VALUE|\\w+ (?:\\([^)]*\\) )?as )',
  '\\w+ as (?:materialized )?\\(',
  `(?:create|create or replace|alter|drop) ${OBJECT}\\b`,
  'lock table',
  'copy VALUE',
  '(?:set|reset) (?:local|session)',
];

const CLAUSES = '(?:from|where|and|or|on|(?:left |cross )?join|order by|group by|having|case when)';

/** A clause compares something. A message that begins like a clause does not: "where to put the rows". */
const COMPARISON = ' (?:[<>=]+|<>) |\\bis (?:not )?null\\b';

/** Parentheses, comments and values put in, which may come first. */
const LEAD = '^(?:\\(|VALUE\\b|,|\\s|--.*\\n)*';

/** A parameter or a cast. */
const MARK = /(?<![\w$])\$\d|[\w)'\]]::[a-z]/;

const BEGINS = new RegExp(`${LEAD}(?:${STATEMENTS.join('|')}|${CLAUSES} [^]*(?:${COMPARISON}))`);

/**
 * Whether a string is SQL or a piece of it: it holds a parameter (`$1`) or a cast (`::text`), or begins with the
 * keywords of a statement, in lower case as ours do, or with those of a clause that compares something.
 * @param text in which each value put in is the word `VALUE`
 */
export function isSql(text: string): boolean {
  return MARK.test(text) || BEGINS.test(text);
}

/** The comments in SQL. Comments on consecutive lines are one. */
export function sqlComments(text: string): string[] {
  const blocks = text.match(/(?:^[ \t]*--.*\n?)+|--.*/gm) ?? [];
  return blocks.map((block) => block.replace(/^[ \t]*-- ?/gm, '').trim());
}
