import { CannotRun } from './row.ts';

/**
 * The extension's package for this platform, which the command has made.
 * @throws CannotRun where none could be made
 */
export function packagedExtension(): string {
  const file = process.env['OFFLOAD_TEST_VSIX'];
  if (file !== undefined && file !== '') return file;
  throw new CannotRun(process.env['OFFLOAD_TEST_NO_VSIX'] ?? 'the package comes with npm run bench');
}
