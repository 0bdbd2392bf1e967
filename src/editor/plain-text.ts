/** Controls, and characters that reorder or hide text: none of them belongs in what a user is asked or told. */
const UNSEEN =
  // eslint-disable-next-line no-control-regex
  /[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** Text from outside as a message can show it: nothing in it acts, hides or reorders. Line feeds stay. */
export const plainText = (text: string): string => text.replace(UNSEEN, '\ufffd');

/** The same for notifications, which would make a link, also to a command, of `[text](target)`. */
export const notificationText = (text: string): string => plainText(text).replaceAll('](', '] (');

/** The same for lists and the status bar, which would make a picture of `$(name)`. */
export const labelText = (text: string): string => plainText(text).replaceAll('$(', '$ (');
