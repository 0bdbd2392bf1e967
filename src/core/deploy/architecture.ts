/** The processors that Lambda has, by its own names. */
export const ARCHITECTURES = ['arm64', 'x86_64'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/** That of a stack where nothing is said: the template's own. */
const DEFAULT_ARCHITECTURE: Architecture = 'arm64';

/** The processors of a stack, by its parameters. */
export const architectureIn = ({ Architecture }: Readonly<Record<string, string>> = {}): Architecture =>
  ARCHITECTURES.find((each) => each === Architecture) ?? DEFAULT_ARCHITECTURE;
