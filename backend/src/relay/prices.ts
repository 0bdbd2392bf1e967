/** What a model takes, in US dollars for a million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  /** Factors for a request whose prompt, cached parts included, is longer than so many tokens. */
  readonly long?: { readonly above: number; readonly input: number; readonly output: number };
  /** Factor for an answer in fast mode. */
  readonly fast: number;
}

interface Extra {
  cacheRead?: number;
  long?: Price['long'];
  fast?: number;
}

/** Writing to the cache takes 1.25 times the input price for five minutes, twice for an hour; reading a tenth of it. */
const row = (input: number, output: number, extra: Extra = {}): Price => ({
  input,
  output,
  cacheRead: extra.cacheRead ?? input * 0.1,
  cacheWrite5m: input * 1.25,
  cacheWrite1h: input * 2,
  fast: extra.fast ?? 2,
  ...(extra.long === undefined ? {} : { long: extra.long }),
});

const above200k = { above: 200_000, input: 2, output: 1.5 };

/**
 * The prices of the page https://platform.claude.com/docs/en/about-claude/pricing, as of November 2026, by family and
 * version. Amazon Bedrock's are the same, but for {@link regionalFactor}.
 */
const PRICES: Readonly<Record<string, Price>> = {
  'fable-5.2': row(8, 40, { cacheRead: 0.2 }),
  'fable-5.1': row(10, 50, { cacheRead: 0.25 }),
  'fable-5': row(10, 50),
  'mythos-5.1': row(10, 50, { cacheRead: 0.25 }),
  'mythos-5': row(10, 50),
  'opus-5.5': row(4, 20, { cacheRead: 0.2 }),
  'opus-5': row(5, 25),
  'opus-4.8': row(5, 25),
  'opus-4.7': row(5, 25, { fast: 6 }),
  'opus-4.6': row(5, 25, { fast: 6 }),
  'opus-4.5': row(5, 25),
  'opus-4.1': row(15, 75),
  'opus-4': row(15, 75),
  'opus-3': row(15, 75),
  'sonnet-5.5': row(2, 10, { cacheRead: 0.1 }),
  'sonnet-5': row(2, 10),
  'sonnet-4.6': row(3, 15),
  'sonnet-4.5': row(3, 15, { long: above200k }),
  'sonnet-4': row(3, 15, { long: above200k }),
  'sonnet-3.7': row(3, 15),
  'sonnet-3.5': row(3, 15),
  'haiku-5.5': row(0.1, 0.5, { long: { above: 100_000, input: 5, output: 5 } }),
  'haiku-4.5': row(1, 5),
  'haiku-3.5': row(0.8, 4),
  'haiku-3': row(0.25, 1.25),
};

/** The dearest price of the table: what a model whose price is not known is counted at. */
export const DEAREST = Object.values(PRICES).reduce((a, b) => (b.output > a.output ? b : a));

/** A search of the web by the model's provider, in US dollars. */
export const WEB_SEARCH_USD = 0.01;

/** An answer that is made in the United States alone (`inference_geo`) takes so much more. */
export const US_ONLY_FACTOR = 1.1;

const NEW_STYLE = /(?:^|[./])claude-(fable|mythos|opus|sonnet|haiku)-(\d)(?:[-.](\d{1,2}))?(?=$|[-@:[])/;
const OLD_STYLE = /(?:^|[./])claude-(\d)(?:[-.](\d))?-(opus|sonnet|haiku)(?=$|[-@:[])/;

/**
 * The price of a model by its name: the API's (`claude-opus-4-5-20251101`), Bedrock's and its inference profiles'
 * (`us.anthropic.claude-opus-4-5-20251101-v1:0`, an ARN that ends in one), and the like. Undefined where the table does
 * not have that very version: a guess by family could be wrong by a factor.
 */
export function priceOf(model: string): Price | undefined {
  const name = model.toLowerCase();
  const [, family, major, minor] = NEW_STYLE.exec(name) ?? [];
  if (family !== undefined) return version(family, major, minor);
  const [, oldMajor, oldMinor, oldFamily] = OLD_STYLE.exec(name) ?? [];
  return oldFamily === undefined ? undefined : version(oldFamily, oldMajor, oldMinor);
}

function version(family: string, major = '', minor = '0'): Price | undefined {
  const key = Number(minor) === 0 ? `${family}-${major}` : `${family}-${major}.${minor}`;
  return Object.hasOwn(PRICES, key) ? PRICES[key] : undefined;
}

/** Bedrock's endpoints that stay in a region or geography take a tenth more than the global ones, from version 4.5 on. */
export function regionalFactor(model: string): number {
  const [, major = '', minor = '0'] = /claude-[a-z]+-(\d)(?:[-.](\d{1,2}))?(?=$|[-@:[])/.exec(model) ?? [];
  const since45 = Number(major) > 4 || (Number(major) === 4 && Number(minor) >= 5);
  return since45 && !/(^|\/)global\./.test(model) ? 1.1 : 1;
}
