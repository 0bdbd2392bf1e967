import * as vscode from 'vscode';
import { size } from '../counted.ts';
import type { Contents } from './contents.ts';
import type { ReviewFile } from './review.ts';
import { REVIEW_SCHEME } from './schemes.ts';
import type { Reviews } from './reviews.ts';

/** Bytes of a copy that is shown; VS Code holds all of it in memory, several times. */
const MAX_SHOWN_BYTES = 64 * 1024 * 1024;

/** What the file system needs, there when its first file is opened. */
export interface ReviewFiles {
  reviews: Reviews;
  contents: Contents;
}

/**
 * Review copies and snapshots as files of the editor. Copies can be written, so that VS Code offers to take back each
 * block of a change; snapshots cannot. Neither writes to the workspace.
 */
export class ReviewFileSystem implements vscode.FileSystemProvider {
  readonly #files: () => Promise<ReviewFiles>;
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;

  constructor(files: () => Promise<ReviewFiles>) {
    this.#files = files;
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    // VS Code looks for a file's folder before it writes the file.
    if (isFolder(uri, (await this.#files()).reviews)) {
      return { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 };
    }
    const { file, contents } = await this.#find(uri);
    const ctime = file.review.record.createdAt;
    if (uri.scheme === REVIEW_SCHEME) {
      return { type: vscode.FileType.File, ctime, ...(await contents.describe(file)) };
    }
    const sent = file.review.snapshot.get(file.change.path);
    return {
      type: vscode.FileType.File,
      ctime,
      mtime: ctime,
      size: sent?.size ?? 0,
      permissions: vscode.FilePermission.Readonly,
    };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const { file, contents } = await this.#find(uri);
    if (uri.scheme === REVIEW_SCHEME) {
      requireShowable(file, (await contents.describe(file)).size);
      return (await contents.read(file)).content;
    }
    requireShowable(file, file.review.snapshot.get(file.change.path)?.size ?? 0);
    return await contents.base(file);
  }

  async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    if (uri.scheme !== REVIEW_SCHEME) throw vscode.FileSystemError.NoPermissions(uri);
    const { file, contents } = await this.#find(uri);
    await contents.write(file, content);
    this.#changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  async #find(uri: vscode.Uri): Promise<{ file: ReviewFile; contents: Contents }> {
    const { reviews, contents } = await this.#files();
    const file = reviews.fileAt(uri);
    if (file === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    return { file, contents };
  }
}

/** Whether a run has a changed file below an address. */
function isFolder({ authority, path }: vscode.Uri, reviews: Reviews): boolean {
  const folder = path.endsWith('/') ? path.slice(1) : `${path.slice(1)}/`;
  return reviews.get(authority)?.files.some(({ change }) => change.path.startsWith(folder)) === true;
}

function requireShowable(file: ReviewFile, bytes: number): void {
  if (bytes <= MAX_SHOWN_BYTES) return;
  const what = `${file.label} has ${size(bytes)}, too much to be shown. It can be accepted and discarded all the same.`;
  throw vscode.FileSystemError.Unavailable(what);
}
