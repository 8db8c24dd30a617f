/** A part of a page of the documentation. Texts may have marks; `inlinesOf` reads them. */
export type Block =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'list'; items: string[] }
  | { kind: 'table'; head: string[]; rows: string[][] };

export interface Section {
  title: string;
  /** As links name it: `#tidemarkrolluplag`. */
  anchor: string;
  blocks: Block[];
}

/** A stretch of text that looks one way. */
export type Inline =
  | { kind: 'plain' | 'strong' | 'code'; text: string }
  | { kind: 'link'; text: string; to: string };

/** Reads what the runbook uses of Markdown: sections of the second level, text, code, lists and tables. */
export function sectionsOf(markdown: string): Section[] {
  const sections: Section[] = [];
  let blocks: Block[] = [];
  for (const lines of groupsOf(markdown.split('\n'))) {
    const [first = ''] = lines;
    const title = /^## (.+)$/.exec(first)?.[1];
    if (title !== undefined) {
      blocks = [];
      sections.push({ title, anchor: anchorOf(title), blocks });
    } else if (!first.startsWith('#')) blocks.push(blockOf(lines));
  }
  return sections;
}

/** The anchor of a heading, as Git hosts make it. */
export function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
}

/** Lines that belong together: up to an empty line, or a fence with all that it holds. */
function groupsOf(lines: readonly string[]): string[][] {
  const groups: string[][] = [[]];
  let isInFence = false;
  for (const line of lines) {
    const isFence = line.startsWith('```');
    // A comment in a fence begins like a heading.
    const isHeading = !isInFence && line.startsWith('#');
    if ((isFence && !isInFence) || isHeading) groups.push([]);
    if (line === '' && !isInFence) groups.push([]);
    else groups.at(-1)?.push(line);
    if (isHeading) groups.push([]);
    if (isFence) isInFence = !isInFence;
  }
  return groups.filter(({ length }) => length > 0);
}

function blockOf(lines: readonly string[]): Block {
  const [first = ''] = lines;
  if (first.startsWith('```')) {
    return { kind: 'code', text: lines.filter((line) => !line.startsWith('```')).join('\n') };
  }
  if (first.startsWith('|')) {
    const [head = [], , ...rows] = lines.map(cellsOf);
    return { kind: 'table', head, rows };
  }
  if (/^(- |\d+\. )/.test(first)) {
    const items = lines.join('\n').split(/^(?:- |\d+\. )/m);
    return {
      kind: 'list',
      items: items.filter(Boolean).map((item) => item.replace(/\s*\n\s*/g, ' ').trim()),
    };
  }
  return { kind: 'text', text: lines.join(' ') };
}

/** The cells of a line of a table. A bar within code is no border. */
function cellsOf(line: string): string[] {
  const cells = line.match(/(?:`[^`]*`|\\\||[^|])+/g) ?? [];
  return cells.map((cell) => cell.replaceAll('\\|', '|').trim());
}

const marks = /\*\*(?<strong>[^*]+)\*\*|`(?<code>[^`]+)`|\[(?<text>[^\]]+)\]\((?<to>[^)]+)\)/g;

/** The stretches of a text. */
export function inlinesOf(text: string): Inline[] {
  const found: Inline[] = [];
  let end = 0;
  for (const match of text.matchAll(marks)) {
    if (match.index > end) found.push({ kind: 'plain', text: text.slice(end, match.index) });
    const { strong, code, text: label = '', to = '' } = match.groups ?? {};
    if (strong !== undefined) found.push({ kind: 'strong', text: strong });
    else if (code !== undefined) found.push({ kind: 'code', text: code });
    else found.push({ kind: 'link', text: label, to });
    end = match.index + match[0].length;
  }
  if (end < text.length) found.push({ kind: 'plain', text: text.slice(end) });
  return found;
}
