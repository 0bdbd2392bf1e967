import { isWorkspacePath } from '../../protocol/path.ts';

/** Names that Windows gives to devices, whatever folder they are in and whatever extension follows. */
const WINDOWS_DEVICE =
  /^(con|prn|aux|nul|conin\$|conout\$|clock\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])[. ]*(\.|$)/i;
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const WINDOWS_RESERVED = /[\u0000-\u001f<>:"|?*\\]/;
const HALF_SURROGATE = /\p{Surrogate}/u;

function refusedOnWindows(name: string): string | undefined {
  if (name.includes('\\')) return 'holds a backslash, which Windows reads as the start of another folder';
  if (name.includes(':')) return 'holds a colon, which Windows reads as a drive or an alternate stream';
  if (WINDOWS_RESERVED.test(name)) return 'holds a character that Windows does not allow in a name';
  if (/[. ]$/.test(name)) return 'ends in a dot or a space, which Windows leaves out';
  if (WINDOWS_DEVICE.test(name)) return 'is the name of a device on Windows';
  return undefined;
}

/**
 * Why a path cannot be a file below a folder on `platform`: it leaves the folder, or the platform cannot hold the
 * name or would take it for another. The answer continues the sentence "this path …". Undefined where it can be.
 */
export function refusedName(path: string, platform: NodeJS.Platform = process.platform): string | undefined {
  if (!isWorkspacePath(path)) return 'is not a path inside the workspace';
  if (HALF_SURROGATE.test(path))
    return 'is not valid Unicode, so that it would be written under another name';
  if (platform !== 'win32') return undefined;
  for (const name of path.split('/')) {
    const reason = refusedOnWindows(name);
    if (reason !== undefined) return reason;
  }
  return undefined;
}
