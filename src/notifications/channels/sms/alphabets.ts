/** The basic alphabet of GSM 03.38, of which one SMS holds 160 characters (3GPP TS 23.038, 6.2.1). */
const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** The extension table: each character takes the room of two. */
const EXTENDED = new Set('^{}\\[~]|€');

const replacements: Record<string, string> = {
  '…': '...',
  '–': '-',
  '—': '-',
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '→': '->',
  '\u00a0': ' ',
};

/** How an SMS is written, and how much it holds. */
export interface Alphabet {
  /** The room of a whole message. */
  room: number;
  /** Converts a text to characters of the alphabet. */
  write(text: string): string;
  /** The room that a converted text takes. */
  roomOf(text: string): number;
  /** Cuts a converted text to the room that it may take, and marks the cut. */
  cut(text: string, room: number): string;
}

/** One segment. A character without a plain form is left out if it is a symbol; `isGsm` refuses letters. */
export const gsm: Alphabet = {
  room: 160,
  write: (text) => [...text].map((character) => toGsm(character) ?? '').join(''),
  roomOf: (text) => [...text].reduce((sum, character) => sum + (EXTENDED.has(character) ? 2 : 1), 0),
  cut: (text, room) => cutTo(text, room, { roomOf: gsm.roomOf, mark: '...' }),
};

/** Three segments of UTF-16: 70 units in one alone, of which three together give 3 to their header each. */
export const ucs2: Alphabet = {
  room: 3 * 67,
  write: (text) => text.toWellFormed(),
  roomOf: (text) => text.length,
  cut: (text, room) => cutTo(text, room, { roomOf: ucs2.roomOf, mark: '…' }),
};

/** Whether the GSM alphabet has every letter and digit of a text, or a plain form of it. */
export function isGsm(text: string): boolean {
  return [...text].every((character) => toGsm(character) !== undefined || !/[\p{L}\p{N}]/u.test(character));
}

/** A character in the GSM alphabet, such as `a` for `ã`; `undefined`: it has none. */
function toGsm(character: string): string | undefined {
  const plain = replacements[character] ?? character;
  if (isWritable(plain)) return plain;
  const stripped = character.normalize('NFKD').replaceAll(/\p{M}/gu, '');
  return stripped !== '' && isWritable(stripped) ? stripped : undefined;
}

function isWritable(text: string): boolean {
  return [...text].every((character) => BASIC.has(character) || EXTENDED.has(character));
}

function cutTo(
  text: string,
  room: number,
  { roomOf, mark }: { roomOf(text: string): number; mark: string },
): string {
  if (roomOf(text) <= room) return text;
  let left = room - roomOf(mark);
  let kept = '';
  for (const character of text) {
    left -= roomOf(character);
    if (left < 0) break;
    kept += character;
  }
  return `${kept.trimEnd()}${mark}`;
}
