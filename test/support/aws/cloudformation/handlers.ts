import type { Account } from '../account.ts';

interface Handlers {
  create: string;
  update: string;
  remove: string;
}

const bucketPuts =
  's3:PutBucketTagging s3:PutEncryptionConfiguration s3:PutBucketOwnershipControls s3:PutBucketPublicAccessBlock s3:PutLifecycleConfiguration';
const repositoryReads =
  'ecr:DescribeRepositories ecr:GetLifecyclePolicy ecr:GetRepositoryPolicy ecr:ListTagsForResource';
const roleReads = 'iam:GetRole iam:ListAttachedRolePolicies iam:ListRolePolicies iam:GetRolePolicy';

/**
 * What CloudFormation's handlers of each type call with the rights of whoever changes the stack: the `handlers` of the
 * types' published schemas (the CloudFormation registry), without what only properties need that our template does not set.
 */
const HANDLERS: Record<string, Handlers> = {
  'AWS::S3::Bucket': {
    create: `s3:CreateBucket s3:ListBucket ${bucketPuts}`,
    update: `s3:ListBucket ${bucketPuts}`,
    remove: 's3:DeleteBucket s3:ListBucket',
  },
  'AWS::S3::BucketPolicy': {
    create: 's3:GetBucketPolicy s3:PutBucketPolicy',
    update: 's3:GetBucketPolicy s3:PutBucketPolicy',
    remove: 's3:GetBucketPolicy s3:DeleteBucketPolicy',
  },
  'AWS::ECR::Repository': {
    create: `ecr:CreateRepository ecr:PutLifecyclePolicy ecr:SetRepositoryPolicy ecr:TagResource ${repositoryReads}`,
    update: `ecr:PutLifecyclePolicy ecr:SetRepositoryPolicy ecr:PutImageScanningConfiguration ecr:PutImageTagMutability ecr:TagResource ecr:UntagResource ${repositoryReads}`,
    remove: 'ecr:DeleteRepository',
  },
  'AWS::Logs::LogGroup': {
    create: 'logs:CreateLogGroup logs:PutRetentionPolicy logs:TagResource logs:ListTagsForResource',
    update: 'logs:PutRetentionPolicy logs:TagResource logs:UntagResource logs:ListTagsForResource',
    remove: 'logs:DeleteLogGroup',
  },
  'AWS::IAM::Role': {
    create: `iam:CreateRole iam:PutRolePolicy iam:TagRole ${roleReads}`,
    update: `iam:UpdateRole iam:UpdateAssumeRolePolicy iam:PutRolePolicy iam:DeleteRolePolicy iam:TagRole iam:UntagRole ${roleReads}`,
    remove:
      'iam:DeleteRole iam:DeleteRolePolicy iam:GetRole iam:ListAttachedRolePolicies iam:ListRolePolicies',
  },
  // Its schema has no handlers: these are the calls of a role's inline policy.
  'AWS::IAM::Policy': {
    create: 'iam:PutRolePolicy iam:GetRolePolicy',
    update: 'iam:PutRolePolicy iam:GetRolePolicy',
    remove: 'iam:DeleteRolePolicy iam:GetRolePolicy',
  },
  // Its schema has no handlers either: these are the API's own calls.
  'AWS::CodeBuild::Project': {
    create: 'codebuild:CreateProject codebuild:BatchGetProjects',
    update: 'codebuild:UpdateProject codebuild:BatchGetProjects',
    remove: 'codebuild:DeleteProject',
  },
  'AWS::SecretsManager::Secret': {
    create: 'secretsmanager:CreateSecret secretsmanager:DescribeSecret secretsmanager:TagResource',
    update:
      'secretsmanager:UpdateSecret secretsmanager:DescribeSecret secretsmanager:TagResource secretsmanager:UntagResource',
    remove: 'secretsmanager:DeleteSecret secretsmanager:DescribeSecret',
  },
  'AWS::Lambda::Function': {
    create: 'lambda:CreateFunction lambda:GetFunction lambda:TagResource',
    update:
      'lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration lambda:GetFunction lambda:ListTags lambda:TagResource lambda:UntagResource',
    remove: 'lambda:DeleteFunction lambda:GetFunction',
  },
  'AWS::Lambda::Url': {
    create: 'lambda:CreateFunctionUrlConfig lambda:GetFunctionUrlConfig',
    update: 'lambda:UpdateFunctionUrlConfig lambda:GetFunctionUrlConfig',
    remove: 'lambda:DeleteFunctionUrlConfig',
  },
  'AWS::Lambda::Permission': {
    create: 'lambda:AddPermission lambda:GetPolicy',
    update: 'lambda:AddPermission lambda:RemovePermission',
    remove: 'lambda:RemovePermission',
  },
};

/** Notes what a handler calls. @throws AwsError where the caller may not */
export function handle(account: Account, type: string, handler: keyof Handlers, resource: string): void {
  const actions = HANDLERS[type]?.[handler];
  if (actions === undefined) throw new Error(`no handlers of ${type} are known`);
  for (const action of actions.split(' ')) account.use(action, resource);
}
