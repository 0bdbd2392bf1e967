export interface PageAddresses {
  /** Where the webview's own files may be loaded from: none but the two below are. */
  script: string;
  style: string;
  /** A fresh one for each page. */
  nonce: string;
}

/**
 * What the page may do: run its own script and wear its own style. It loads no picture and no font, connects to nothing,
 * and cannot be framed, submitted or based elsewhere.
 */
const contentSecurityPolicy = (nonce: string): string =>
  [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "img-src 'none'",
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

/** The chat's page, before its script has filled it. The controls look for the nonce under the name `csp-nonce`. */
export const pageHtml = ({ script, style, nonce }: PageAddresses): string =>
  `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy(nonce)}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta property="csp-nonce" content="${nonce}">
    <title>Offload</title>
    <link rel="stylesheet" href="${style}" nonce="${nonce}">
  </head>
  <body>
    <div id="chat"></div>
    <script src="${script}" nonce="${nonce}"></script>
  </body>
</html>
`;
