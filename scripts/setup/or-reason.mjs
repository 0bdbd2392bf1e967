import { SetupError } from './project.mjs';

/** The variables that `attempt` gives; or, where something cannot be set up, the variable `name` that says why. */
export async function orReason(name, attempt) {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof SetupError) return { [name]: error.message };
    throw error;
  }
}
