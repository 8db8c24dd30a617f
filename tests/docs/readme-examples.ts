/** The examples of a document: shell commands, each with the output that it should print. */

export interface Example {
  /** The bold text before the example, such as `Send an event`. */
  title: string;
  /** The commands as they are written. */
  commands: string;
  /** The expected output, if the document shows it; `…` stands for anything. */
  expected?: { language: 'json' | 'text'; text: string };
}

const EXAMPLES = /<!-- examples:[^>]*-->\n([\s\S]*?)<!-- end of examples -->/g;
/** A bold text, or a fenced block with its language. */
const PIECE = /\*\*(.+?)[.?!]?\*\*|^```(\w*)\n([\s\S]*?)^```$/gm;

/** The `sh` blocks between the marks of a document, each with the `json` or `text` block after it. */
export function readExamples(markdown: string): Example[] {
  const examples: Example[] = [];
  let title = 'Begin';
  for (const [, part = ''] of markdown.matchAll(EXAMPLES)) {
    for (const [, bold, language, text = ''] of part.matchAll(PIECE)) {
      const last = examples.at(-1);
      if (bold !== undefined) title = bold;
      else if (language === 'sh') examples.push({ title, commands: text });
      else if (last && (language === 'json' || language === 'text')) last.expected = { language, text };
      else throw new Error(`A block of examples that is neither commands nor their output: ${text}`);
    }
  }
  return examples;
}

const ANYTHING = '…';

/** A pattern for a text in which `…` stands for anything. */
function patternOf(text: string): RegExp {
  return new RegExp(
    `^${text
      .split(ANYTHING)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  );
}

function matchesValue(actual: unknown, expected: unknown): boolean {
  if (typeof expected === 'string') return typeof actual === 'string' && patternOf(expected).test(actual);
  if (typeof expected !== 'object' || expected === null) return actual === expected;
  if (typeof actual !== 'object' || actual === null) return false;
  if (Array.isArray(expected) && (!Array.isArray(actual) || actual.length !== expected.length)) return false;
  return Object.entries(expected).every(([key, value]) =>
    matchesValue((actual as Record<string, unknown>)[key], value),
  );
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Whether an output is as the document shows it. JSON must contain everything shown, with arrays of the same
 * length. Text must have every line, except blank ones.
 */
export function isAsShown(output: string, { language, text }: NonNullable<Example['expected']>): boolean {
  if (language === 'json') return matchesValue(parseJson(output), JSON.parse(text));
  const [lines, patterns] = [linesOf(output), linesOf(text).map(patternOf)];
  return lines.length === patterns.length && lines.every((line, index) => patterns[index]?.test(line));
}
