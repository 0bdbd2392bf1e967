import { timingSafeEqual, createHash } from 'node:crypto';

/** Whether an Authorization header carries the token, in a time that tells nothing of it. */
export function isAuthorized(header: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}
