/** Below the state folder: the deployments that this machine knows. */
export const DEPLOYMENTS = 'deployments';
