/**
 * Variables by which programs are told of a file with certificates to trust; see the manuals of Node, OpenSSL, curl, pip
 * and git.
 */
export const CERTIFICATE_VARIABLES = [
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'CURL_CA_BUNDLE',
  'REQUESTS_CA_BUNDLE',
  'PIP_CERT',
  'GIT_SSL_CAINFO',
] as const;
