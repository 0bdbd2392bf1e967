/**
 * The protocol's version. It grows by additions; a number is raised only when an older peer would misunderstand.
 * A backend understands this version and the one before.
 */
export const PROTOCOL_VERSION = 1;
export const OLDEST_UNDERSTOOD_VERSION = 1;
