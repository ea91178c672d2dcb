import { userInfo } from 'node:os';
import { hostName } from './project.ts';

/** Who types, for the record: anna@desk. */
export function actorName(): string {
  return `${userName()}@${hostName()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // In a container the number of a user may have no name.
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}
