import { SetupError, Unfit } from './project.mjs';

/**
 * The variables that `attempt` gives; or, where something cannot be set up, the variable OFFLOAD_TEST_NO_… (`what`) that
 * says why. Where this machine should have been able to, OFFLOAD_TEST_FAILED_… says it too.
 */
export async function orReason(what, attempt) {
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    const { message } = error;
    return {
      [`OFFLOAD_TEST_NO_${what}`]: message,
      ...(error instanceof Unfit ? {} : { [`OFFLOAD_TEST_FAILED_${what}`]: message }),
    };
  }
}
