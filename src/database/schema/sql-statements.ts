/** Starts a token in which a semicolon ends no statement: a comment, a string, a quoted name or a dollar quote. */
const OPENING = /--|\/\*|'|"|\$(?:[A-Za-z_][A-Za-z0-9_]*)?\$|;/g;

function endOf(sql: string, opening: string, from: number): number {
  const closing = opening === '--' ? '\n' : opening === '/*' ? '*/' : opening;
  const at = sql.indexOf(closing, from);
  return at < 0 ? sql.length : at + closing.length;
}

/**
 * Splits a script into statements, without their semicolons. It supports comments that are not nested, and standard
 * strings, in which a quote is doubled.
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
  return statements.map((statement) => statement.trim()).filter(isNotEmpty);
}

function isNotEmpty(statement: string): boolean {
  return statement.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, '').trim() !== '';
}
