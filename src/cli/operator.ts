import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Actor } from '../auth/actor.ts';
import type { Deed } from '../auth/audit.ts';

/** Whoever is at the keyboard: they can reach the database, so they may do everything. */
function operator(): Actor {
  return {
    id: accountName(),
    roles: ['admin'],
    orgs: [],
    via: 'command_line',
  };
}

/** What they do by a command, for the audit log. */
export function atTheCommandLine(command: string): Deed {
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
