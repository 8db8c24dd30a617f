const MOST = 500;

/** What a runbook address must be. */
export const EXPECTED_RUNBOOK = `an http or https address of at most ${MOST} characters, such as https://wiki.example.com/errors`;

/** Whether a text is the address of a page that people can open from a message. */
export function isRunbookUrl(text: string): boolean {
  if (text.length > MOST || !/^https?:\/\/[^\s\p{Cc}"'<>\\]+$/u.test(text)) return false;
  return URL.canParse(text);
}
