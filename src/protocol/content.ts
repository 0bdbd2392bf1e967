import * as z from 'zod/mini';

/** Bytes inside JSON: as text where they are UTF-8, else as base64. */
export const contentSchema = z.union([
  z.strictObject({ text: z.string() }),
  z.strictObject({ base64: z.string().check(z.regex(/^[A-Za-z0-9+/]*={0,2}$/)) }),
]);
export type Content = z.infer<typeof contentSchema>;

/** A blob's name: the SHA-256 of its bytes in lower-case hexadecimal. */
export const hashSchema = z.string().check(z.regex(/^[0-9a-f]{64}$/));

/** The bytes that a content stands for. */
export const contentBytes = (content: Content): Buffer =>
  'text' in content ? Buffer.from(content.text, 'utf8') : Buffer.from(content.base64, 'base64');
