import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerEngine } from '../../../../src/protocol/container.ts';
import { BOX_HOME } from '../bubblewrap-arguments.ts';

/** A user of the host's, who starts containers. */
export interface HostUser {
  uid: number;
  gid: number;
}

/** The user inside a container, so that what it makes on the host belongs to whoever is to have it. */
export interface ContainerUser {
  options: readonly string[];
  /** Its ids as the container sees them. */
  uid: number;
  gid: number;
}

/**
 * @param host whoever starts the container
 * @param owner the user whom the container's files belong to, where that is another one
 */
export function containerUser(
  engine: ContainerEngine,
  host: HostUser,
  owner: number | undefined,
): ContainerUser {
  const user = owner === undefined ? host : { uid: owner, gid: owner };
  const as = ({ uid, gid }: HostUser, ...mapped: string[]): ContainerUser => ({
    options: [...mapped, '--user', `${String(uid)}:${String(gid)}`],
    uid,
    gid,
  });
  // A user of root's choice is the same user inside, where root makes containers.
  if (!engine.rootless) return engine.kind === 'docker' ? as(user, '--userns', 'host') : as(user);
  if (engine.kind === 'podman' && host.uid !== 0) return as(user, '--userns', 'keep-id');
  // Docker without root has no such mapping: its containers' root is the user.
  return as({ uid: 0, gid: 0 });
}

/** Writes the files of users that a container has, in which its own user has a name and a home. */
export function writeUsers(
  folder: string,
  { uid, gid }: HostUser,
): { passwd: string; group: string } | undefined {
  // The image's own say so already.
  if (uid === 0) return undefined;
  const [passwd, group] = [join(folder, 'passwd'), join(folder, 'group')];
  // They are the same for all containers of that user, and others may have them already.
  if (existsSync(group)) return { passwd, group };
  mkdirSync(folder, { recursive: true });
  const ids = `${String(uid)}:${String(gid)}`;
  writeFileSync(
    passwd,
    `root:x:0:0:root:/root:/usr/sbin/nologin\nuser:x:${ids}:user:${BOX_HOME}:/bin/bash\n`,
  );
  writeFileSync(group, `root:x:0:\n${gid === 0 ? '' : `user:x:${String(gid)}:\n`}`);
  return { passwd, group };
}
