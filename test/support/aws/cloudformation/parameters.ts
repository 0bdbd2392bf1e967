import type * as client from '@aws-sdk/client-cloudformation';
import { validationError } from '../aws-error.ts';
import type { Template } from './template.ts';

/** The value of each parameter of a template, as a request gives them. @throws AwsError as CloudFormation words it */
export function parameterValues(
  template: Template,
  given: readonly client.Parameter[],
  previous: Readonly<Record<string, string>>,
): Record<string, string> {
  const unknown = given
    .map(({ ParameterKey = '' }) => ParameterKey)
    .filter((key) => !(key in template.Parameters));
  if (unknown.length > 0)
    throw validationError(`Parameters: [${unknown.join(', ')}] do not exist in the template`);
  const values: Record<string, string> = {};
  for (const [key, parameter] of Object.entries(template.Parameters)) {
    const one = given.find(({ ParameterKey }) => ParameterKey === key);
    const value = one?.UsePreviousValue === true ? previous[key] : one?.ParameterValue;
    const chosen = value ?? parameter.Default;
    if (chosen === undefined) throw validationError(`Parameters: [${key}] must have values`);
    const text = String(chosen);
    const { AllowedPattern, AllowedValues, MinValue = -Infinity, MaxValue = Infinity, Type } = parameter;
    if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(text)) {
      throw validationError(`Parameter ${key} failed to satisfy constraint: ${AllowedPattern}`);
    }
    if (AllowedValues !== undefined && !AllowedValues.map(String).includes(text)) {
      throw validationError(`Parameter '${key}' must be one of AllowedValues`);
    }
    if (Type === 'Number' && !(Number(text) >= MinValue && Number(text) <= MaxValue)) {
      throw validationError(
        `Parameter '${key}' must be a number not less than ${String(MinValue)} and not more than ${String(MaxValue)}`,
      );
    }
    values[key] = text;
  }
  return values;
}
