/** A secret shorter than this would be found in any text. */
const MIN_SECRET = 8;

/** Characters of an encoded secret that must be the same whatever stands around it. */
const MIN_ENCODED = 12;

/** The spellings of a secret that are looked for: as it is, in JSON, in an address, and in base64 of either alphabet. */
export function secretForms(secret: string): string[] {
  if (secret.length < MIN_SECRET) return [];
  const forms = new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]);
  forms.add(Buffer.from(secret, 'utf8').toString('base64'));
  for (const form of base64Forms(secret)) forms.add(form);
  return [...forms];
}

/**
 * A secret inside a longer text that is encoded begins at the first, second or third byte of a group of three; what its
 * neighbours have a part in is left away.
 */
function* base64Forms(secret: string): Generator<string> {
  const bytes = Buffer.from(secret, 'utf8');
  for (const offset of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const from = offset === 0 ? 0 : offset + 1;
    const rest = (offset + bytes.length) % 3;
    const middle = encoded.slice(from, rest === 0 ? undefined : -4 + rest);
    if (middle.length < MIN_ENCODED) continue;
    yield middle;
    yield middle.replaceAll('+', '-').replaceAll('/', '_');
  }
}
