/** Settings that show the workbench in each of the kinds of theme that users have. */
export const themes = {
  light: { 'workbench.colorTheme': 'Light Modern' },
  dark: { 'workbench.colorTheme': 'Dark Modern' },
  'high-contrast': { 'workbench.colorTheme': 'Default High Contrast' },
} as const;

export type Theme = keyof typeof themes;
