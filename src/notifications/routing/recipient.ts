import type { ChannelName } from '../notice/notice.ts';

const DESTINATION = {
  right: /^[a-z0-9][a-z0-9_-]{0,63}$/,
  expected:
    'the name of a destination (a-z, 0-9, - and _); a web address is a secret and is not allowed here',
};

/** The form of a recipient on each channel. */
export const recipientForms: Readonly<Record<ChannelName, { right: RegExp; expected: string }>> = {
  email: {
    right:
      /^[^\s\p{Cc}@<>"(),:;[\]\\]{1,64}@[^\s\p{Cc}@<>"(),:;[\]\\]{1,190}\.[^\s\p{Cc}@<>"(),:;[\]\\.]{2,63}$/u,
    expected: 'an email address, such as oncall@example.com',
  },
  // The form of E.164.
  sms: {
    right: /^\+[1-9]\d{6,14}$/,
    expected: 'a phone number in international form, such as +4915112345678',
  },
  slack: DESTINATION,
  webhook: DESTINATION,
  pagerduty: DESTINATION,
  teams: DESTINATION,
  discord: DESTINATION,
  in_app: { right: /^[^\p{Cc}]{1,200}$/u, expected: 'the id of a user' },
};

/** Whether a value has the form of a recipient of the channel; `recipientForms` describes that form. */
export function isRecipient(channel: ChannelName, to: unknown): to is string {
  return typeof to === 'string' && recipientForms[channel].right.test(to);
}
