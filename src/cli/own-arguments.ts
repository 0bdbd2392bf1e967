interface Option {
  type: 'string' | 'boolean';
}

/** Our own arguments end with the file; what follows is the program's, whatever it looks like. */
export function divide(
  argv: string[],
  options: Readonly<Record<string, Option>>,
): { own: string[]; rest: string[] } {
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i] ?? '';
    if (arg === '--') return { own: argv.slice(0, i + 2), rest: argv.slice(i + 2) };
    if (arg === '-' || !arg.startsWith('-')) return { own: argv.slice(0, i + 1), rest: argv.slice(i + 1) };
    if (Object.hasOwn(options, arg.slice(2)) && options[arg.slice(2)]?.type === 'string') i++;
  }
  return { own: argv, rest: [] };
}
