/** What begins a piece of SQL in which a semicolon ends nothing: a comment, a string, a name, a dollar quote. */
const OPENING = /--|\/\*|'|"|\$(?:[A-Za-z_][A-Za-z0-9_]*)?\$|;/g;

function endOf(sql: string, opening: string, from: number): number {
  const closing = opening === '--' ? '\n' : opening === '/*' ? '*/' : opening;
  const at = sql.indexOf(closing, from);
  return at < 0 ? sql.length : at + closing.length;
}

/**
 * The statements of a script, without their semicolons. Knows comments that are not nested, and strings in standard
 * form (a quote in one is doubled).
 */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let start = 0;
  OPENING.lastIndex = 0;
  for (let found = OPENING.exec(sql); found; found = OPENING.exec(sql)) {
    const [opening] = found;
    if (opening === ';') {
      statements.push(sql.slice(start, found.index));
      start = OPENING.lastIndex;
    } else {
      OPENING.lastIndex = endOf(sql, opening, OPENING.lastIndex);
    }
  }
  statements.push(sql.slice(start));
  return statements.map((statement) => statement.trim()).filter(saysSomething);
}

function saysSomething(statement: string): boolean {
  return statement.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, '').trim() !== '';
}
