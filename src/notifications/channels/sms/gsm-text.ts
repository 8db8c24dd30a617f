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

export const SEGMENT = 160;

/** The room that a character of a `toGsm` text takes in an SMS. */
function roomOf(character: string): number {
  return EXTENDED.has(character) ? 2 : 1;
}

/** Converts a text to the characters of an SMS. Others become their plain form, or a question mark. */
export function toGsm(text: string): string {
  return [...text]
    .flatMap((character) => [...(replacements[character] ?? character)])
    .map((character) => {
      if (BASIC.has(character) || EXTENDED.has(character)) return character;
      const plain = character.normalize('NFKD').replaceAll(/\p{M}/gu, '');
      return plain !== '' && [...plain].every((part) => BASIC.has(part)) ? plain : '?';
    })
    .join('');
}

/** Cuts a text to the room that it may take, with three dots at the end. */
export function cutToRoom(text: string, room: number): string {
  const whole = [...text].reduce((sum, character) => sum + roomOf(character), 0);
  if (whole <= room) return text;
  let left = room - 3;
  let cut = '';
  for (const character of text) {
    left -= roomOf(character);
    if (left < 0) break;
    cut += character;
  }
  return `${cut.trimEnd()}...`;
}
