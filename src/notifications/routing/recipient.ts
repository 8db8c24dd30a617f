import type { ChannelName } from '../notice/notice.ts';

const DESTINATION = {
  right: /^[a-z0-9][a-z0-9_-]{0,63}$/,
  expected: 'the name of a destination (a-z, 0-9, - and _), never a web address, which is a secret',
};

/** What somebody, or something, is called that a channel is to reach. */
export const recipientForms: Readonly<Record<ChannelName, { right: RegExp; expected: string }>> = {
  email: {
    right:
      /^[^\s\p{Cc}@<>"(),:;[\]\\]{1,64}@[^\s\p{Cc}@<>"(),:;[\]\\]{1,190}\.[^\s\p{Cc}@<>"(),:;[\]\\.]{2,63}$/u,
    expected: 'an email address, such as oncall@example.com',
  },
  // Digits as the E.164 plan has them.
  sms: {
    right: /^\+[1-9]\d{6,14}$/,
    expected: 'a phone number in international form, such as +4915112345678',
  },
  slack: DESTINATION,
  webhook: DESTINATION,
  in_app: { right: /^[^\p{Cc}]{1,200}$/u, expected: 'the id of a user' },
};

/** Whether it may be what a channel is to reach; `recipientForms` says what would be right. */
export function isRecipient(channel: ChannelName, to: unknown): to is string {
  return typeof to === 'string' && recipientForms[channel].right.test(to);
}
