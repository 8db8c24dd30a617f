import { bedrock } from './bedrock.ts';
import type { CallLog } from './call-log.ts';
import { helicone } from './helicone.ts';
import { liteLlmLog } from './litellm-log.ts';
import { openrouter } from './openrouter.ts';
import { portkey } from './portkey.ts';

/** The logs of other tools that can be imported, by the name of the format. */
export const callLogs = {
  litellm: liteLlmLog,
  bedrock,
  portkey,
  helicone,
  openrouter,
} as const satisfies Record<string, CallLog>;
export type CallLogFormat = keyof typeof callLogs;

export function isCallLog(format: string): format is CallLogFormat {
  return Object.hasOwn(callLogs, format);
}
