/** The view's id, as the manifest names it. */
export const CHAT_VIEW = 'offload.chat';
