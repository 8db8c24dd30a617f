/** Finds the prose in TypeScript: comments, and the strings that are messages, help and descriptions. */
import ts from 'typescript';
import { isSql, sqlComments } from './sql.ts';

/** Markdown, and the line on which it begins. */
export interface Prose {
  text: string;
  line: number;
}

/** A text of fewer words is a name, a format or a fragment. */
const FEWEST_WORDS = 6;

/** Stands for an inserted value. */
const VALUE = 'VALUE';

/** The comments of a file, and its strings that have enough words for a sentence and are not SQL. */
export function proseOf(text: string): Prose[] {
  const source = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true);
  return [...commentsOf(source), ...messagesOf(source)];
}

/** String and template literals. Literals joined by `+` are one. Of SQL only the comments count. */
function messagesOf(source: ts.SourceFile): Prose[] {
  const found: Prose[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isExpression(node) && isText(node)) {
      const text = textOf(node, visit);
      const prose = isSql(text) ? sqlComments(text) : [text].filter(isProse);
      found.push(...prose.map((text) => ({ text, line: lineOf(source, node.getStart()) })));
    } else ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** A page of HTML is not prose: its texts are short, and its style sheet is long. */
function isProse(text: string): boolean {
  const words = text.split(/\s+/).filter((word) => /\p{L}/u.test(word));
  return words.length >= FEWEST_WORDS && !/^\s*</.test(text);
}

function isText(node: ts.Expression): boolean {
  if (isSum(node)) return isText(node.left) || isText(node.right);
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
}

function isSum(node: ts.Node): node is ts.BinaryExpression {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;
}

/** @param visit is called with the inserted expressions, which may contain messages of their own */
function textOf(node: ts.Expression, visit: (node: ts.Node) => void): string {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    for (const { expression } of node.templateSpans) visit(expression);
    return node.head.text + node.templateSpans.map(({ literal }) => VALUE + literal.text).join('');
  }
  if (isSum(node) && isText(node)) return textOf(node.left, visit) + textOf(node.right, visit);
  visit(node);
  return VALUE;
}

/** Comments without their marks. Line comments on consecutive lines are one. */
function commentsOf(source: ts.SourceFile): Prose[] {
  const found: Prose[] = [];
  let before: ts.CommentRange | undefined;
  for (const range of commentRangesOf(source)) {
    const raw = source.text.slice(range.pos, range.end);
    const isLine = range.kind === ts.SyntaxKind.SingleLineCommentTrivia;
    const last = found.at(-1);
    const goesOn = isLine && before && /^\r?\n[ \t]*$/.test(source.text.slice(before.end, range.pos));
    if (goesOn && last) last.text += `\n${raw.replace(/^\/\/+ ?/, '')}`;
    else
      found.push({
        text: isLine ? raw.replace(/^\/\/+ ?/, '') : unstarred(raw),
        line: lineOf(source, range.pos),
      });
    before = isLine ? range : undefined;
  }
  return found;
}

function unstarred(comment: string): string {
  return comment
    .replace(/^\/\*+|\*\/$/g, '')
    .replace(/^[ \t]*\* ?/gm, '')
    .trimEnd();
}

function commentRangesOf(source: ts.SourceFile): ts.CommentRange[] {
  const ranges = new Map<number, ts.CommentRange>();
  const visit = (node: ts.Node): void => {
    const children = node.getChildren(source).filter((child) => !ts.isJSDoc(child));
    for (const child of children) visit(child);
    if (children.length > 0) return;
    const around = [
      ...(ts.getLeadingCommentRanges(source.text, node.pos) ?? []),
      ...(ts.getTrailingCommentRanges(source.text, node.end) ?? []),
    ];
    for (const range of around) ranges.set(range.pos, range);
  };
  visit(source);
  return [...ranges.values()].sort((a, b) => a.pos - b.pos);
}

function lineOf(source: ts.SourceFile, position: number): number {
  return source.getLineAndCharacterOfPosition(position).line + 1;
}
