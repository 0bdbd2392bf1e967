/** The arrows between the project's parts; docs/architecture.md has the picture. */
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** Matches the packages that come with Node. */
const builtin = { dependencyTypes: ['core'] };
/** Any package of npm but the named ones. */
const packagesBut = (...names) => ({
  path: '(^|/)node_modules/',
  pathNot: `(^|/)node_modules/(${names.join('|')})/`,
});

module.exports = {
  forbidden: [
    rule(
      'protocol-stands-alone',
      'The protocol imports zod and itself.',
      { path: '^src/protocol/' },
      {
        path: '.',
        pathNot: ['^src/protocol/', '(^|/)node_modules/zod/'],
      },
    ),
    rule(
      'core-knows-no-editor',
      'The core imports neither the editor nor the command line nor the backend.',
      { path: '^src/core/' },
      {
        path: '^(src/(editor|cli)|backend|webview)(/|\\.)',
      },
    ),
    rule(
      'only-the-editor-knows-vscode',
      'Only src/editor imports vscode; so do the tests that run in its host.',
      { pathNot: '^(src/editor|test/host)/' },
      {
        path: '^vscode$',
      },
    ),
    rule(
      'backend-stands-apart',
      'The backend imports the protocol and itself.',
      { path: '^backend/' },
      {
        path: '^(src/(?!protocol/)|webview/)',
      },
    ),
    rule(
      'backend-needs-few-packages',
      'The backend imports few packages, all of which are shipped inside it.',
      { path: '^backend/' },
      packagesBut('zod', 'ignore', '@agentclientprotocol', '@aws-sdk', '@smithy'),
    ),
    rule(
      'webview-stands-apart',
      'The webview imports the protocol and itself.',
      { path: '^webview/' },
      {
        path: '^(src/(?!protocol/)|backend/)',
      },
    ),
    rule('webview-has-no-node', 'The webview runs in a browser.', { path: '^webview/' }, builtin),
    rule(
      'one-place-for-controls',
      'The toolkit of controls is imported by the components alone, so that another can take its place.',
      { pathNot: '^webview/components/' },
      { path: '(^|/)node_modules/@(vscode/webview-ui-toolkit|microsoft/fast-)' },
    ),
    rule(
      'chat-state-needs-no-browser',
      'What is shown is a pure reduction, tested without a browser.',
      { path: '^webview/(state|text)/' },
      { path: '^webview/(?!(state|text)/)|(^|/)node_modules/(?!zod/)' },
    ),
    rule(
      'cli-uses-the-core',
      'The command line imports the core and the protocol.',
      { path: '^src/cli(/|\\.)' },
      {
        path: '^(src/(?!(core|protocol|cli)[/.])|backend/|webview/)',
      },
    ),
    rule(
      'product-imports-no-test',
      'Nothing imports the tests but themselves and the benchmarks.',
      { pathNot: '^(test|bench)/' },
      {
        path: '^(test|bench)/',
      },
    ),
    rule('no-cycles', 'A cycle has no layers.', {}, { circular: true }),
    rule(
      'no-unresolved',
      'An import that leads nowhere.',
      {},
      { couldNotResolve: true, pathNot: '^vscode$' },
    ),
  ],
  options: {
    doNotFollow: { path: '(^|/)node_modules/' },
    exclude: { path: '^(dist|test/(agents|editor|lambda-runtime|fixtures))/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.cjs', '.json'],
    },
  },
};
