/** Below the state folder: what deploys, and what was left of a deploy. A file each, by its process and where it deploys. */
export const DEPLOY_NOTES = 'deploying';
