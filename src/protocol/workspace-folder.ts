/** The workspace's folder inside a box, as programs see and print it. */
export const BOX_WORKSPACE = '/workspace';
