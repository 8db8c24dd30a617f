/** A cell of a table, with characters escaped that would end it. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(cell).join(' | ')} |`;
}

/** A Markdown table, without a line end after it. */
export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(titles), `|${titles.map(() => '---').join('|')}|`, ...rows.map(row)].join('\n');
}

/** `text` as inline code. */
export function code(text: string): string {
  return `\`${text}\``;
}

export function codeList(texts: readonly string[]): string {
  return texts.map(code).join(', ');
}

/** A fenced block. */
export function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}
