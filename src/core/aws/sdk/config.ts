// What is used of the AWS SDK, which is large: imported when it is needed.
export { getSSOTokenFilepath, loadSharedConfigFiles, loadSsoSessionData } from '@smithy/core/config';
