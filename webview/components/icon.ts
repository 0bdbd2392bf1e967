import { svg, type TemplateResult } from 'lit-html';

/** Outlines on a field of 16 by 16. */
const OUTLINES = {
  check: 'M3 8.500 6.500 12 13 4.500',
  chevron: 'M6 4l4 4-4 4',
  close: 'M4 4l8 8M12 4l-8 8',
  copy: 'M5.500 5.500h7v8h-7zM10.500 5.500v-3h-7v8h2',
  discard: 'M3.500 3v4h4M3.800 6.800A5 5 0 1 1 4.500 11.500',
  down: 'M8 3v9.500M4 8.500l4 4 4-4',
  error:
    'M8 1.800a6.200 6.200 0 1 0 0 12.400A6.200 6.200 0 0 0 8 1.800zM5.800 5.800l4.400 4.400M10.200 5.800l-4.400 4.400',
  info: 'M8 1.800a6.200 6.200 0 1 0 0 12.400A6.200 6.200 0 0 0 8 1.800zM8 7.300v4M8 4.700v.6',
  play: 'M5 3.200v9.600l7.500-4.800z',
  question:
    'M8 1.800a6.200 6.200 0 1 0 0 12.400A6.200 6.200 0 0 0 8 1.800zM6 6.300a2 2 0 1 1 2.900 1.800c-.6.300-.9.700-.9 1.300M8 11.200v.6',
  retry: 'M12.500 3v4h-4M12.200 6.800A5 5 0 1 0 11.500 11.500',
  send: 'M2.500 13.500 14 8 2.500 2.500 4 8zM4 8h5',
  stop: 'M4 4h8v8H4z',
  trash: 'M3 4.500h10M6.500 4.500v-2h3v2M4.500 4.500l.6 9h5.800l.6-9M7 7v4M9 7v4',
  warning: 'M8 2 14.500 13.500h-13zM8 6.500v3.500M8 11.500v.6',
} as const;
export type IconName = keyof typeof OUTLINES;

/** A picture in the colour of the text around it; what it means is said beside it. */
export const icon = (name: IconName): TemplateResult =>
  svg`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.2"
    stroke-linejoin="round" stroke-linecap="round" aria-hidden="true" focusable="false"><path d=${OUTLINES[name]} /></svg>`;
