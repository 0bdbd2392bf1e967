import { deflateSync } from 'node:zlib';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~';

/** Bytes of a line of a binary patch. */
const LINE_BYTES = 52;

/** A length as the first character of a line says it: A to Z for 1 to 26, a to z for 27 to 52. */
const lengthMark = (bytes: number): string => String.fromCharCode(bytes <= 26 ? 64 + bytes : 96 + bytes - 26);

/** Base 85 as git has it (`base85.c`): each four bytes, the last filled up with zeros, are five characters. */
function base85(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    let value = 0;
    for (let i = 0; i < 4; i++) value = value * 256 + (bytes[at + i] ?? 0);
    let group = '';
    for (let i = 0; i < 5; i++) {
      group = (ALPHABET[value % 85] ?? '') + group;
      value = Math.floor(value / 85);
    }
    text += group;
  }
  return text;
}

function literal(content: Buffer): string {
  const deflated = deflateSync(content);
  const lines = [`literal ${content.length}`];
  for (let at = 0; at < deflated.length; at += LINE_BYTES) {
    const part = deflated.subarray(at, at + LINE_BYTES);
    lines.push(lengthMark(part.length) + base85(part));
  }
  return lines.join('\n') + '\n\n';
}

/** The body of a binary patch, which can be taken back: what is after, and what was before. */
export const gitBinary = (before: Buffer, after: Buffer): string =>
  `GIT binary patch\n${literal(after)}${literal(before)}`;
