/** A cell of a table: what Markdown would take for the end of it is escaped. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

/** A Markdown table, without a line end after it. */
export const markdownTable = (titles: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(titles), `|${titles.map(() => '---').join('|')}|`, ...rows.map(row)].join('\n');

/** `text` as inline code. */
export const code = (text: string): string => `\`${text}\``;

export const codeList = (texts: readonly string[]): string => texts.map(code).join(', ');

/** A fenced block. */
export const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;
