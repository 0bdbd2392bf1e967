import { closeSync, readdirSync, readFileSync } from 'node:fs';

/** O_CLOEXEC, as fdinfo shows flags: octal. */
const CLOSE_ON_EXEC = 0o2000000;

/**
 * Closes what whoever started this process left open for it, since a box would inherit it in turn: a descriptor of a
 * folder is a way out of any sandbox. What Node opens for itself is marked to be closed in children.
 */
export function closeInheritedFiles(): void {
  if (process.platform !== 'linux') return;
  for (const name of readdirSync('/proc/self/fd')) {
    const fd = Number(name);
    if (fd > 2 && isInherited(fd)) closeSync(fd);
  }
}

function isInherited(fd: number): boolean {
  try {
    const flags = /^flags:\s+(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${String(fd)}`, 'latin1'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
  } catch {
    // The descriptor of the listing itself, closed by now.
    return false;
  }
}
