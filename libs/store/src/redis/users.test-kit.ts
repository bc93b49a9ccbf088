// deploy/redis/users.acl with passwords for a test, and each user's URL. The passwords are made anew for each run.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = join(import.meta.dirname, '../../../../deploy/redis/users.acl');

export const USERS = ['operator', 'publisher', 'config-service', 'acceptor', 'replica', 'sentinel'] as const;
export type User = (typeof USERS)[number];

export interface Users {
  /** For `aclfile`. */
  readonly path: string;
  password(user: User): string;
  url(user: User, port: number): string;
}

export function writeUsers(folder: string): Users {
  const passwords = new Map(USERS.map((user) => [user, randomBytes(12).toString('hex')]));
  let text = readFileSync(FILE, 'utf8');
  for (const [user, password] of passwords) {
    const hash = createHash('sha256').update(password).digest('hex');
    text = text.replace(`#${user.toUpperCase().replace('-', '_')}_SHA256`, `#${hash}`);
  }
  const path = join(folder, 'users.acl');
  writeFileSync(path, text, { mode: 0o600 });
  return {
    path,
    password: (user) => passwords.get(user)!,
    url: (user, port) => `redis://${user}:${passwords.get(user)}@127.0.0.1:${port}`,
  };
}
