/** Cuts text into sentences and counts their words. */

export interface Sentence {
  text: string;
  words: number;
  /** The number of line ends before it. */
  line: number;
}

/** Markup that begins a block of its own: a heading, an item of a list, a quotation, a tag of a doc comment. */
const MARKER = /^\s*(?:#{1,6}|[-*+]|\d+[.)]|>|@param \S+|@throws \{[^}]*\}|@\w+)(?:\s+|$)/;

/** A sentence ends where the next word can begin another one. Abbreviations do not end one. */
const END = /(?<!\b(?:e\.g|i\.e|cf|vs|approx|No))[.!?…]+["'’”)\]]*(?=\s+["'‘“([]*(?:\p{Lu}|\p{N}|`))/gu;

/**
 * The sentences of Markdown; comments and messages are read as Markdown too. A sentence does not go beyond its
 * heading, list item or table cell. Code blocks are left out. Inline code is one word.
 */
export function sentencesOf(markdown: string): Sentence[] {
  return blocksOf(markdown).flatMap(({ text, line }) =>
    sentencesOfBlock(plain(text)).map((sentence) => ({ ...sentence, line: line + sentence.line })),
  );
}

interface Block {
  text: string;
  line: number;
}

function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  let fence: string | undefined;
  for (const [line, given] of markdown.split('\n').entries()) {
    const mark = /^\s*(```|~~~)/.exec(given)?.[1];
    const isCode = fence !== undefined || mark !== undefined;
    if (mark && (fence === undefined || mark === fence)) fence = fence === undefined ? mark : undefined;
    if (isCode || given.trim() === '' || /^\s*(<!--|\[[^\]]+\]: )/.test(given)) {
      open = undefined;
    } else if (/^\s*\|/.test(given)) {
      open = undefined;
      blocks.push(...given.split(/(?<!\\)\|/).map((text) => ({ text, line })));
    } else if (open && !MARKER.test(given)) {
      open.text += `\n${given}`;
    } else {
      open = { text: given.replace(MARKER, ''), line };
      blocks.push(open);
      if (/^\s*#/.test(given)) open = undefined;
    }
  }
  return blocks;
}

/** Without markup: inline code is one word, and of a link its text is left. */
function plain(text: string): string {
  return text
    .split(/(`[^`]+`)/)
    .map((part) => (/^`.+`$/s.test(part) ? part.replace(/\s+/g, '_') : withoutMarkup(part)))
    .join('');
}

function withoutMarkup(text: string): string {
  return text.replaceAll('*', '').replace(/!?\[|\]\([^)]*\)|\](\[[^\]]*\])?/g, '');
}

function sentencesOfBlock(text: string): Sentence[] {
  const ends = [...text.matchAll(END)].map((match) => match.index + match[0].length);
  return [...ends, text.length].flatMap((end, index) => {
    const start = index === 0 ? 0 : (ends[index - 1] ?? 0);
    const own = text.slice(start, end);
    const words = own.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
    if (words.length === 0) return [];
    const line = text.slice(0, start + (own.length - own.trimStart().length)).split('\n').length - 1;
    return [{ text: own.trim().replace(/\s+/g, ' '), words: words.length, line }];
  });
}
