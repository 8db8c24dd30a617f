/** The place at which a text stops being JSON. */
export interface JsonFault {
  /** In UTF-16 units from the start. */
  offset: number;
  /** What would have been right there. */
  expected: string;
}

const SPACE = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON allows none of them inside a string
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

/**
 * Finds the first fault of a text that `JSON.parse` refused, since the engine's own message often lacks the position.
 * It keeps its own stack, so deep nesting does not overflow the call stack. It returns `undefined` when there is no
 * fault up to the offset `last`: ten million brackets take a second.
 */
export function findJsonFault(text: string, last = Number.POSITIVE_INFINITY): JsonFault | undefined {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const takeCharacter = (character: string): boolean => {
    if (text[at] !== character) return false;
    at += 1;
    return true;
  };
  /** Takes the rest of a string after its opening quote; returns what was expected if the string is wrong. */
  const restOfString = (): string | undefined => {
    while (take(PLAIN) && text[at] === '\\') if (!take(ESCAPE)) return 'a valid escape';
    return takeCharacter('"') ? undefined : 'the rest of the text, with control characters escaped';
  };

  const open: ('{' | '[')[] = [];
  /** What may come next; the `first` states also allow the end of an empty object or array. */
  let state: 'value' | 'first value' | 'key' | 'first key' | 'after value' = 'value';
  while (at <= last) {
    take(SPACE);
    if (state === 'after value') {
      const inside = open.at(-1);
      if (inside === undefined) return at === text.length ? undefined : { offset: at, expected: 'the end' };
      if (takeCharacter(',')) state = inside === '{' ? 'key' : 'value';
      else if (takeCharacter(inside === '{' ? '}' : ']')) open.pop();
      else return { offset: at, expected: inside === '{' ? '"," or "}"' : '"," or "]"' };
    } else if (state === 'key' || state === 'first key') {
      if (state === 'first key' && takeCharacter('}')) {
        open.pop();
        state = 'after value';
        continue;
      }
      if (!takeCharacter('"')) return { offset: at, expected: 'a key in double quotes' };
      const expected = restOfString();
      if (expected !== undefined) return { offset: at, expected };
      take(SPACE);
      if (!takeCharacter(':')) return { offset: at, expected: '":"' };
      state = 'value';
    } else if (state === 'first value' && takeCharacter(']')) {
      open.pop();
      state = 'after value';
    } else if (takeCharacter('{')) {
      open.push('{');
      state = 'first key';
    } else if (takeCharacter('[')) {
      open.push('[');
      state = 'first value';
    } else {
      if (takeCharacter('"')) {
        const expected = restOfString();
        if (expected !== undefined) return { offset: at, expected };
      } else if (!take(NUMBER) && !take(WORD)) return { offset: at, expected: 'a value' };
      state = 'after value';
    }
  }
  return undefined;
}
