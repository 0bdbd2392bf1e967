import type { Account } from '../account.ts';
import { AwsError } from '../aws-error.ts';
import type { Parts } from '../parts.ts';
import { handle } from './handlers.ts';

/** A resource that is there. */
export interface Made {
  /** Its physical id: what `Ref` gives. */
  id: string;
  attributes: Record<string, string>;
}

export interface Making {
  account: Account;
  aws: Parts;
  stack: string;
  logicalId: string;
  properties: Record<string, unknown>;
}

/** How CloudFormation handles a type. What it calls, it calls with the rights of who asked for the change. */
export interface Kind {
  create(making: Making): Made;
  update?(making: Making, made: Made): void;
  remove(making: Making, made: Made): void;
}

const text = (value: unknown): string => String(value);
const record = (value: unknown): Record<string, unknown> => value as Record<string, unknown>;

const passed = (account: Account, role: unknown, to: string): void =>
  account.use('iam:PassRole', text(role), { 'iam:PassedToService': to });

/** Types by what their handlers do. */
export const KINDS: Record<string, Kind> = {
  'AWS::S3::Bucket': {
    create: (making) => {
      const { account, aws } = making;
      const id = madeUpName(making).toLowerCase();
      const Arn = `arn:aws:s3:::${id}`;
      handle(account, 'AWS::S3::Bucket', 'create', Arn);
      aws.s3.create(id);
      return { id, attributes: { Arn } };
    },
    update: ({ account }, { attributes }) =>
      handle(account, 'AWS::S3::Bucket', 'update', text(attributes['Arn'])),
    remove: ({ account, aws }, { id, attributes }) => {
      handle(account, 'AWS::S3::Bucket', 'remove', text(attributes['Arn']));
      if ((aws.s3.buckets.get(id)?.objects.size ?? 0) > 0) {
        const message = 'The bucket you tried to delete is not empty (Service: S3, Status Code: 409)';
        throw new AwsError('BucketNotEmpty', message, 409);
      }
      aws.s3.buckets.delete(id);
    },
  },
  'AWS::S3::BucketPolicy': plain('AWS::S3::BucketPolicy', ({ properties }) => {
    const id = text(properties['Bucket']);
    return { id, attributes: { Arn: `arn:aws:s3:::${id}` } };
  }),
  'AWS::ECR::Repository': {
    ...plain(
      'AWS::ECR::Repository',
      (making) => {
        const { account } = making;
        const id = madeUpName(making).toLowerCase();
        const RepositoryUri = `${account.id}.dkr.ecr.${account.region}.amazonaws.com/${id}`;
        return { id, attributes: { Arn: account.arn('ecr', `repository/${id}`), RepositoryUri } };
      },
      ({ aws }, { id }) => aws.ecr.repositories.set(id, []),
      ({ aws }, { id }) => aws.ecr.repositories.delete(id),
    ),
  },
  'AWS::Logs::LogGroup': plain(
    'AWS::Logs::LogGroup',
    ({ account, properties }) => {
      const id = text(properties['LogGroupName']);
      // As CloudFormation gives it: with all the streams of the group.
      return { id, attributes: { Arn: `${account.arn('logs', `log-group:${id}`)}:*` } };
    },
    ({ account, aws }, { id }) => {
      account.use('logs:DescribeLogGroups', account.arn('logs', 'log-group::log-stream:'));
      if (aws.logs.groups.has(id)) {
        const message = `Resource of type 'AWS::Logs::LogGroup' with identifier '${id}' already exists.`;
        throw new AwsError('AlreadyExists', message);
      }
      aws.logs.groups.set(id, []);
    },
    ({ aws }, { id }) => aws.logs.groups.delete(id),
  ),
  'AWS::IAM::Role': plain('AWS::IAM::Role', (making) => {
    const id = madeUpName(making);
    return { id, attributes: { Arn: `arn:aws:iam::${making.account.id}:role/${id}` } };
  }),
  'AWS::IAM::Policy': plain('AWS::IAM::Policy', ({ account, properties }) => {
    const [role] = properties['Roles'] as string[];
    const Arn = `arn:aws:iam::${account.id}:role/${text(role)}`;
    return { id: text(properties['PolicyName']), attributes: { Arn } };
  }),
  'AWS::CodeBuild::Project': plain(
    'AWS::CodeBuild::Project',
    ({ account, properties }) => {
      const id = text(properties['Name']);
      return { id, attributes: { Arn: account.arn('codebuild', `project/${id}`) } };
    },
    (making, { id }) => {
      passed(making.account, making.properties['ServiceRole'], 'codebuild.amazonaws.com');
      putProject(making, id);
    },
    ({ aws }, { id }) => aws.codebuild.projects.delete(id),
  ),
  'AWS::SecretsManager::Secret': plain(
    'AWS::SecretsManager::Secret',
    ({ account, properties }) => {
      const id = account.arn('secretsmanager', `secret:${text(properties['Name'])}-${account.unique(6)}`);
      return { id, attributes: { Id: id, Arn: id } };
    },
    ({ account, aws }, { id }) => {
      account.use('secretsmanager:GetRandomPassword', '*');
      if (!aws.secrets.texts.has(id)) aws.secrets.texts.set(id, JSON.stringify({ signing: 'k'.repeat(64) }));
    },
    ({ aws }, { id }) => aws.secrets.texts.delete(id),
  ),
  'AWS::Lambda::Function': plain(
    'AWS::Lambda::Function',
    ({ account, properties }) => {
      const id = text(properties['FunctionName']);
      return { id, attributes: { Arn: account.arn('lambda', `function:${id}`) } };
    },
    (making, { id }) => {
      imageRead(making);
      passed(making.account, making.properties['Role'], 'lambda.amazonaws.com');
      if (making.properties['VpcConfig'] !== undefined) {
        for (const what of ['SecurityGroups', 'Subnets', 'Vpcs'])
          making.account.use(`ec2:Describe${what}`, '*');
      }
      putFunction(making, id);
    },
    ({ account, aws, properties }, { id }) => {
      if (properties['VpcConfig'] !== undefined) account.use('ec2:DescribeNetworkInterfaces', '*');
      aws.functions.deployed.delete(id);
    },
  ),
  'AWS::Lambda::Url': plain('AWS::Lambda::Url', ({ account, properties }) => {
    const id = text(properties['TargetFunctionArn']);
    const FunctionUrl = `https://made-up.lambda-url.${account.region}.on.aws/`;
    return { id, attributes: { FunctionUrl, Arn: id } };
  }),
  'AWS::Lambda::Permission': plain('AWS::Lambda::Permission', (making) => ({
    id: madeUpName(making),
    attributes: { Arn: text(making.properties['FunctionName']) },
  })),
};

const madeUpName = ({ account, stack, logicalId }: Making): string =>
  `${stack}-${logicalId}-${account.unique()}`;

/** A type whose handlers do what `handlers.ts` says, and put something into a service and take it out again. */
function plain(
  type: string,
  name: (making: Making) => Made,
  put: (making: Making, made: Made) => unknown = () => undefined,
  drop: (making: Making, made: Made) => unknown = () => undefined,
): Kind {
  const arn = ({ attributes }: Made): string => text(attributes['Arn']).replace(/(?<=:log-group:.*):\*$/, '');
  return {
    create: (making) => {
      const made = name(making);
      handle(making.account, type, 'create', arn(made));
      put(making, made);
      return made;
    },
    update: (making, made) => {
      handle(making.account, type, 'update', arn(made));
      // What is named by the user is there already.
      if (type !== 'AWS::Logs::LogGroup' && type !== 'AWS::ECR::Repository') put(making, made);
    },
    remove: (making, made) => {
      handle(making.account, type, 'remove', arn(made));
      drop(making, made);
    },
  };
}

/** Lambda looks whether it may read the image, with the rights of who makes the function. */
function imageRead({ account, properties }: Making): void {
  const uri = text(record(properties['Code'])['ImageUri']);
  const repository = uri.replace(/^[^/]+\//, '').replace(/@.*/, '');
  for (const action of ['GetRepositoryPolicy', 'SetRepositoryPolicy']) {
    account.use(`ecr:${action}`, account.arn('ecr', `repository/${repository}`));
  }
}

function putFunction({ aws, properties }: Making, id: string): void {
  const image = text(record(properties['Code'])['ImageUri']);
  const [repository = '', digest] = image.replace(/^[^/]+\//, '').split('@');
  const there = aws.ecr.repositories.get(repository)?.some((each) => each.digest === digest);
  if (there !== true) throw new AwsError('InvalidRequest', `Source image ${image} does not exist.`);
  const environment = record(record(properties['Environment'])['Variables']) as Record<string, string>;
  aws.functions.deployed.set(id, { image, environment });
}

function putProject({ aws, properties }: Making, id: string): void {
  const logs = record(record(properties['LogsConfig'])['CloudWatchLogs']);
  const variables = record(properties['Environment'])['EnvironmentVariables'] as {
    Name: string;
    Value: string;
  }[];
  const uri = variables.find(({ Name }) => Name === 'REPOSITORY')?.Value ?? '';
  aws.codebuild.projects.set(id, { group: text(logs['GroupName']), repository: uri.replace(/^[^/]+\//, '') });
}
