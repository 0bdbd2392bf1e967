import type { HostOptions } from '../support/editor/host-suite.ts';

export const host: HostOptions = { folders: ['one', 'two'] };
