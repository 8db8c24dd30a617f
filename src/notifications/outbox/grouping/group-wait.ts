import { SECOND } from '../../../time.ts';
import type { ChannelName } from '../../notice/notice.ts';

/**
 * The channels that people read. What is due to one of their recipients is one message. Programs behind the others keep
 * track of each alert by itself.
 */
const GROUPED: ReadonlySet<ChannelName> = new Set(['email', 'slack', 'sms', 'teams', 'discord']);
/** A critical SMS that no provider has accepted after 10 s goes another way, so it waits for less. */
const LONGEST_OF_CRITICAL = 5 * SECOND;
/** The most messages that one delivery tells. */
export const MOST_TOGETHER = 1_000;

/** How long the messages to a recipient wait after one that was sent to it; milliseconds. */
export interface GroupWait {
  critical: number;
  others: number;
}

/** `undefined`: each message is told by itself. @param wait milliseconds; 0: nothing is grouped */
export function groupWaitOf(channel: ChannelName, wait: number): GroupWait | undefined {
  if (wait === 0 || !GROUPED.has(channel)) return undefined;
  return { critical: Math.min(LONGEST_OF_CRITICAL, wait), others: wait };
}
