import * as z from 'zod/mini';
import { CacheFile } from './cache-file.ts';
import type { PlacedRoot } from './roots.ts';
import { RULES_VERSION, type ScanFinding, type ScannedFile } from './scanned-file.ts';

const findingsSchema = z.array(z.strictObject({ line: z.int(), what: z.string() }));

const schema = z.strictObject({
  rules: z.literal(RULES_VERSION),
  /** Files in which nothing was found, by their keys. */
  clean: z.array(z.string()),
  found: z.record(z.string(), findingsSchema),
});

/** What was found in which contents, kept in a file, so that only what is new is scanned. */
export class SecretCache {
  readonly #file: CacheFile;
  readonly #known: ReadonlyMap<string, readonly ScanFinding[]>;
  readonly #next = new Map<string, readonly ScanFinding[]>();

  constructor(folder: string | undefined, roots: readonly PlacedRoot[]) {
    this.#file = new CacheFile(folder, roots, 'secrets');
    this.#known = read(this.#file.read());
  }

  /** What is known to be in a file; undefined for one that has to be scanned. */
  get(file: ScannedFile): readonly ScanFinding[] | undefined {
    const findings = this.#known.get(keyOf(file));
    if (findings !== undefined) this.#next.set(keyOf(file), findings);
    return findings;
  }

  add(file: ScannedFile, findings: readonly ScanFinding[]): void {
    this.#next.set(keyOf(file), findings);
  }

  /** Keeps what has been asked for and added. */
  save(): void {
    const entries = [...this.#next];
    if (entries.length === this.#known.size && entries.every(([key]) => this.#known.has(key))) return;
    const clean = entries.flatMap(([key, findings]) => (findings.length === 0 ? [key] : []));
    const found = Object.fromEntries(entries.filter(([, findings]) => findings.length > 0));
    this.#file.write(Buffer.from(JSON.stringify({ rules: RULES_VERSION, clean, found })));
  }
}

/** The same content by another name may be another thing. */
const keyOf = ({ hash, name }: ScannedFile): string => `${hash}/${name}`;

function read(bytes: Buffer | undefined): ReadonlyMap<string, readonly ScanFinding[]> {
  if (bytes === undefined) return new Map();
  try {
    const { clean, found } = schema.parse(JSON.parse(bytes.toString('utf8')));
    const known = new Map<string, readonly ScanFinding[]>(Object.entries(found));
    for (const key of clean) known.set(key, []);
    return known;
  } catch {
    return new Map();
  }
}
