import { isUtf8 } from 'node:buffer';
import type { Content } from '../../protocol/content.ts';

/** Bytes for a request: as text where that keeps them, else as base64. */
export const toContent = (bytes: Buffer): Content =>
  isUtf8(bytes) ? { text: bytes.toString('utf8') } : { base64: bytes.toString('base64') };
