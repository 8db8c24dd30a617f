import { plainNotice } from '../notice/plain-notice.ts';
import type { Channel } from './channel.ts';

/** The channel, for people: it sends no character that only a program can see. */
export function forPeople(channel: Channel): Channel {
  return {
    name: channel.name,
    send: (delivery, signal) =>
      channel.send(
        {
          ...delivery,
          notice: plainNotice(delivery.notice),
          ...(delivery.others && { others: delivery.others.map(plainNotice) }),
        },
        signal,
      ),
  };
}
