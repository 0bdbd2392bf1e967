/** What the names of AWS's regions look like. */
export const REGION_NAME = /^[a-z]{2}(-[a-z]+)+-\d+$/;

/** What the number of an AWS account looks like. */
export const ACCOUNT_ID = /^\d{12}$/;
