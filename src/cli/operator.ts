import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Actor } from '../auth/actor.ts';
import type { Caller } from '../auth/caller.ts';

/** The person at the command line, who may do everything, because they can reach the database anyway. */
function operator(): Actor {
  return {
    id: accountName(),
    roles: ['admin'],
    orgs: [],
    via: 'command_line',
  };
}

/** The caller of a command, for the audit log. */
export function commandLineCaller(command: string): Caller {
  return {
    actor: operator(),
    route: command,
    requestId: randomUUID(),
  };
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
