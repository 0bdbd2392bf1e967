/** Names that files with secrets have, in lower case, `*` for anything; in the order in which they are asked. */
const NAMES: readonly (readonly [names: string, what: string])[] = [
  // What projects show to others instead of the real one.
  ['.env.example .env.sample .env.template .env.dist .env.defaults *.pub', ''],
  ['.env .env.* *.env .envrc', 'environment variables'],
  ['id_rsa id_dsa id_ecdsa id_ed25519 id_rsa.* id_ed25519.* *.ppk', 'SSH key'],
  ['*.pem *.key *.p8 *.p12 *.pfx *.jks *.keystore *.kdbx *.gpg', 'key or certificate'],
  [
    'credentials credentials.json client_secret*.json service-account*.json service_account*.json',
    'credentials',
  ],
  ['.netrc _netrc .pgpass .my.cnf .htpasswd .git-credentials .dockercfg .pypirc .s3cfg .boto', 'credentials'],
  ['kubeconfig *.kubeconfig .vault-token *.ovpn', 'credentials'],
  ['secrets.yml secrets.yaml secrets.json secrets.toml .secrets', 'secrets'],
  ['*.tfstate *.tfstate.backup *.tfvars *.tfvars.json', 'Terraform state or variables'],
];

/** Files that are known by the folder that they are in. */
const IN_FOLDERS: readonly (readonly [ends: string, what: string])[] = [
  ['.docker/config.json', 'credentials'],
  ['.kube/config', 'credentials'],
  ['.aws/config', 'credentials'],
];

const PATTERNS = NAMES.map(([names, what]) => {
  const sources = names.split(' ').map((name) => name.replace(/[.]/g, '\\.').replaceAll('*', '[^]*'));
  return { pattern: new RegExp(`^(?:${sources.join('|')})$`), what };
});

/** Matches what one of the patterns does: most files need no other look. */
const ANY = new RegExp(PATTERNS.map(({ pattern }) => pattern.source).join('|'));

/** What a file is likely to hold by its name alone; undefined for most. */
export function secretByName(path: string): string | undefined {
  const folded = path.toLowerCase();
  const name = folded.slice(folded.lastIndexOf('/') + 1);
  if (!ANY.test(name))
    return IN_FOLDERS.find(([ends]) => folded === ends || folded.endsWith(`/${ends}`))?.[1];
  const what = PATTERNS.find(({ pattern }) => pattern.test(name))?.what;
  return what === '' ? undefined : what;
}
