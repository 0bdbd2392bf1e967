/** Below the state folder: the deployments that this machine knows, as `readDeployments` reads them. */
export const DEPLOYMENTS = 'deployments';

/** Below the state folder: what deploys, and what was left of a deploy. A file each, by its process: no two write the same. */
export const DEPLOY_NOTES = 'deploying';
