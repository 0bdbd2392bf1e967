import { invalidParameter, type ServiceError } from '../../../src/core/lambda-local/service-error.ts';

/** What a function with tenancy says to a caller that names no tenant, and one without to a caller that does. */
export function wrongTenancy(tenancy: boolean): ServiceError {
  return invalidParameter(
    tenancy
      ? 'The invoked function is enabled with tenancy configuration. Add a valid tenant ID in your request and try again.'
      : 'The invoked function is not enabled with tenancy configuration. Remove the tenant ID from your request and try again.',
  );
}
