import { plainText } from '../plain-text.ts';

const paint = (code: number) => (text: string) => `\x1b[${String(code)}m${text}\x1b[0m`;

/** Texts of ours in a terminal. */
export const [bold, dim, underline] = [paint(1), paint(2), paint(4)];
export const [red, green, yellow] = [paint(31), paint(32), paint(33)];

/** A line of our own begins at the left, without the program's colours, with its cursor. */
export const FRESH = '\x1b[0m\x1b[?25h';

/** A notice in the run of the output. */
export const noticeLine = (message: string): string => `${FRESH}\r\n${yellow(`! ${oneLine(message)}`)}\r\n`;

/** Text from outside on one line, with nothing in it that acts. */
export const oneLine = (text: string): string => plainText(text).replace(/\s*\n\s*/g, ' ');
