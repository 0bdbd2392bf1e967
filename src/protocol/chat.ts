/** The messages between the chat's page and the editor. Both sides check what they are sent. */
export * from './chat/choices.ts';
export * from './chat/session.ts';
export * from './chat/to-host.ts';
export * from './chat/to-page.ts';
