/** What keys of a kind look like: a beginning that nothing else has, then so many characters of a class. */
export interface KeyPattern {
  prefix: string;
  /** The inside of a regular expression's class. */
  characters: string;
  min: number;
  /** Where keys have one length: a longer word is none. */
  exact?: true;
}

/** The kinds of keys that their issuers made recognizable. */
export const KEY_PATTERNS: readonly KeyPattern[] = [
  { prefix: 'sk-ant-', characters: 'A-Za-z0-9_-', min: 16 },
  { prefix: 'sk-proj-', characters: 'A-Za-z0-9_-', min: 20 },
  { prefix: 'AKIA', characters: 'A-Z0-9', min: 16, exact: true },
  { prefix: 'ASIA', characters: 'A-Z0-9', min: 16, exact: true },
  { prefix: 'ghp_', characters: 'A-Za-z0-9', min: 36 },
  { prefix: 'gho_', characters: 'A-Za-z0-9', min: 36 },
  { prefix: 'ghu_', characters: 'A-Za-z0-9', min: 36 },
  { prefix: 'ghs_', characters: 'A-Za-z0-9', min: 36 },
  { prefix: 'ghr_', characters: 'A-Za-z0-9', min: 36 },
  { prefix: 'github_pat_', characters: 'A-Za-z0-9_', min: 22 },
  { prefix: 'glpat-', characters: 'A-Za-z0-9_-', min: 20 },
];
