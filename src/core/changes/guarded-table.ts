/** Names of files that something runs or obeys unasked, and what that is, in words for the user who is asked. */
export interface GuardedRow {
  /** Separated by spaces, at any depth: `x/` is a file or folder `x` with all below, `x` a file; `*` is any text. */
  readonly names: string;
  readonly reason: string;
}

/**
 * The files that are set apart from a run's other changes and approved one by one. Wide on purpose: a row too many
 * costs a question, a row too few runs the sandbox's code outside of it.
 */
export const GUARDED: readonly GuardedRow[] = [
  {
    names: '.git/ .gitmodules .gitattributes .gitconfig .lfsconfig HEAD',
    reason: 'Git runs the hooks, filters and programs that are named here, even on "git status".',
  },
  {
    names:
      '.husky/ .githooks/ .lefthook/ lefthook*.yml lefthook*.yaml .lefthook*.yml .pre-commit-config.yaml ' +
      '.pre-commit-hooks.yaml .overcommit.yml .overcommit/ pre-commit pre-push pre-rebase pre-merge-commit ' +
      'pre-receive pre-auto-gc post-checkout post-commit post-merge post-rewrite post-update post-receive ' +
      'post-applypatch prepare-commit-msg commit-msg applypatch-msg pre-applypatch fsmonitor-watchman ' +
      'reference-transaction',
    reason: 'Git hooks run by themselves on a commit, a checkout or a push.',
  },
  {
    names: '.gitignore .offloadignore .offload/',
    reason: 'This decides which of your files a later run is sent, and which Git keeps out.',
  },
  {
    names:
      '.vscode/ *.code-workspace .vscode-test.* .vscode-insiders/ .vscode-server/ .vscode-oss/ .vscodium/ ' +
      '.theia/',
    reason: 'VS Code runs tasks and programs from these settings, some as soon as the folder is opened.',
  },
  {
    names: '.devcontainer/ .devcontainer.json devcontainer.json .gitpod.yml .gitpod.Dockerfile .idx/',
    reason: 'The editor builds and starts a container from this, with commands that run on your machine.',
  },
  {
    names:
      '.idea/ .run/ .fleet/ .zed/ .nova/ .helix/ .settings/ .project .classpath .vs/ *.iml *.ipr *.iws ' +
      '*.launch',
    reason: 'Another editor runs tasks and programs from these settings.',
  },
  {
    names:
      '.vim/ .nvim/ .nvim.lua .vimspector.json .dir-locals*.el .emacs .emacs.d/ *.sublime-project .gdbinit ' +
      '.lldbinit',
    reason: 'An editor or debugger runs the commands in this file when it starts in this folder.',
  },
  {
    names:
      '.mcp.json mcp.json mcp_config.json .claude/ .claude.json .claude-plugin/ .cursor/ .cursorrules ' +
      '.windsurf/ .windsurfrules .codex/ .gemini/ .qwen/ .continue/ .roo/ .roorules* .roomodes .cline/ ' +
      '.clinerules/ .kiro/ .amazonq/ .junie/ .augment/ .augment-guidelines .opencode/ opencode.json ' +
      'opencode.jsonc .trae/ .crush/ crush.json .goose/ .goosehints .aider* .agent/ .agents/ .factory/ ' +
      '.openhands/ .rules .mcp/',
    reason: 'A coding agent obeys this file and starts the programs that it names.',
  },
  {
    names:
      'AGENTS.md AGENT.md AGENTS.*.md CLAUDE.md CLAUDE.*.md GEMINI.md QWEN.md CRUSH.md WARP.md SKILL.md ' +
      'copilot-instructions.md *.instructions.md *.prompt.md *.chatmode.md *.agent.md',
    reason: 'Coding agents take this file for your own instructions.',
  },
  {
    names:
      '.github/ .gitlab/ .gitlab-ci.yml .circleci/ .buildkite/ .forgejo/ .gitea/ .woodpecker/ ' +
      '.woodpecker.yml .drone.yml .travis.yml appveyor.yml .appveyor.yml azure-pipelines*.yml ' +
      'bitbucket-pipelines.yml Jenkinsfile .cirrus.yml .semaphore/ .teamcity/ cloudbuild.yaml buildspec.yml',
    reason:
      'Automation runs this with your project’s secrets once it is pushed; agents read instructions in it.',
  },
  {
    names:
      'package.json package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml pnpm-workspace.yaml ' +
      '.pnpmfile.* pnpmfile.* .pnp.* .yarn/ .yarnrc* bunfig.toml bun.lock bun.lockb deno.json deno.jsonc ' +
      'deno.lock',
    reason: 'The package manager runs scripts from this file, and installs what it names.',
  },
  {
    names: 'node_modules/ bower_components/ .venv/ venv/ virtualenv/ site-packages/ pyvenv.cfg .bundle/',
    reason: 'Editors, tests and builds load and run what is installed here.',
  },
  {
    names: '*.config.js *.config.cjs *.config.mjs *.config.ts *.config.cts *.config.mts .*rc .*rc.*',
    reason: 'A tool or a shell runs this file, or the plugins and commands that it names, when it starts.',
  },
  {
    names:
      '.env .env.* .flaskenv .direnv/ mise.toml mise.*.toml .mise.toml .mise.*.toml .mise/ .tool-versions',
    reason: 'Shells, editors and tools take their environment from this, and so what they run.',
  },
  {
    names:
      '.profile .bash_* .zshenv .zprofile .zlogin .zlogout .login .logout .xprofile .xsession ' +
      '.pam_environment .config/ .local/ .ssh/ .gnupg/ .aws/ .azure/ .gcloud/ .kube/ .docker/ .netrc .fish/ ' +
      'config.fish *.plugin.zsh launchagents/ launchdaemons/ autostart/ *.desktop .Rprofile .Renviron .ghci ' +
      'startup.jl',
    reason: 'A shell, an interpreter or your login runs this file, or it holds your keys.',
  },
  {
    names: 'profile.ps1 *_profile.ps1',
    reason: 'PowerShell runs this file when it starts.',
  },
  {
    names:
      'sitecustomize.py usercustomize.py *.pth conftest.py pytest.ini tox.ini noxfile.py setup.py setup.cfg ' +
      'pyproject.toml Pipfile Pipfile.lock poetry.lock uv.lock uv.toml requirements*.txt ipython_config.py ' +
      'jupyter_*config.py .ipython/ .jupyter/',
    reason: 'Python, its test runner or its installer runs this file, or installs what it names.',
  },
  {
    names:
      'Makefile GNUmakefile *.mk CMakeLists.txt *.cmake CMakePresets.json CMakeUserPresets.json meson.build ' +
      'Gruntfile.* Gulpfile.* Jakefile Jakefile.* nx.json nodemon.json .watchmanconfig',
    reason: 'Editor extensions run the build description as soon as the folder is opened.',
  },
  {
    names:
      'Cargo.toml Cargo.lock build.rs .cargo/ rust-toolchain rust-toolchain.toml go.mod go.work build.zig ' +
      'build.zig.zon Package.swift mix.exs rebar.config Setup.hs stack.yaml hie.yaml *.cabal cabal.project ' +
      '*.sbt project.clj deps.edn dune-project pubspec.yaml composer.json composer.lock Gemfile ' +
      'Gemfile.lock *.gemspec Rakefile *.nix flake.lock',
    reason: 'Language servers run builds from this file, and package managers install what it names.',
  },
  {
    names:
      '*.gradle *.gradle.kts gradle.properties gradlew gradlew.bat gradle/ .gradle/ pom.xml .mvn/ mvnw ' +
      'mvnw.cmd *.sln *.slnx *.csproj *.fsproj *.vbproj *.vcxproj *.props *.targets *.rsp nuget.config ' +
      'global.json packages.config WORKSPACE WORKSPACE.bazel MODULE.bazel BUILD.bazel *.bzl',
    reason: 'The editor’s language support runs this build when the folder is opened.',
  },
  {
    names:
      '*.exe *.com *.bat *.cmd *.dll *.lnk *.scf *.url *.library-ms *.searchconnector-ms desktop.ini ' +
      'autorun.inf',
    reason: 'Windows starts or loads this from the current folder, or as soon as the folder is shown.',
  },
];
