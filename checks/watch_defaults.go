package checks

// watchedKind is files that are watched for one reason.
type watchedKind struct {
	what  string // what such a file is, as a sentence goes on
	globs []Glob
	// code: documents and pictures among them say nothing that runs.
	code bool
}

// watchedKinds are the files that [Watch.Defaults] means. A change of one is rare
// and touches what the others rely on, in most repositories; what everybody
// changes every day is not here, or the review would become a habit.
var watchedKinds = []watchedKind{
	{what: "is the policy", globs: []Glob{PolicyPath}},
	{what: "says who owns code", globs: []Glob{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"}},
	{what: "runs in CI", globs: []Glob{
		".github/workflows/**", ".github/actions/**", ".github/dependabot.yml", ".gitlab-ci.yml", ".travis.yml", ".circleci/**", ".buildkite/**",
		"azure-pipelines.yml", "bitbucket-pipelines.yml", "**/Jenkinsfile", ".pre-commit-config.yaml",
	}},
	{what: "says what a container is made of", code: true, globs: []Glob{
		"**/Dockerfile", "**/Dockerfile.*", "**/*.dockerfile", "**/*.Dockerfile", "**/Containerfile", "**/.dockerignore",
		"**/docker-compose*.yml", "**/docker-compose*.yaml", "**/compose.yml", "**/compose.yaml",
	}},
	{what: "describes infrastructure", code: true, globs: []Glob{
		"**/*.tf", "**/*.tfvars", "**/*.tf.json", "**/*.hcl", "**/terraform/**", "**/Chart.yaml", "**/charts/**", "**/helm/**",
		"**/k8s/**", "**/kubernetes/**", "**/kustomization.yaml", "**/kustomization.yml", "**/cloudformation/**", "**/*.cfn.yaml", "**/*.cfn.yml",
		"**/Pulumi.yaml", "**/pulumi/**", "**/serverless.yml",
	}},
	{what: "is about who may do what", code: true, globs: []Glob{
		"**/auth/**", "**/authn/**", "**/authz/**", "**/authentication/**", "**/authorization/**", "**/oauth/**", "**/oauth2/**", "**/oidc/**", "**/saml/**",
		"**/jwt/**", "**/auth.*", "**/authentication.*", "**/authorization.*", "**/oauth.*", "**/oidc.*", "**/saml.*", "**/jwt.*",
	}},
	{what: "is about cryptography", code: true, globs: []Glob{"**/crypto/**", "**/cryptography/**", "**/crypto.*", "**/cryptography.*", "**/*.pem", "**/*.crt", "**/*.key"}},
	{what: "says where code comes from", globs: []Glob{".gitmodules", "**/.npmrc", "**/.yarnrc.yml", "**/pip.conf"}},
}

// watchedFunctions run another program, or text as code. Names that most
// languages also use for something else stay out: exec alone is how JavaScript
// applies a regular expression, and spawn how Rust starts a task. Of those that are
// usual as methods of something else, as model.eval and platform.system are in
// Python, only functions count, and methods of what has them for that.
var watchedFunctions = []string{
	"exec.Command", "exec.CommandContext", "syscall.Exec", "os.StartProcess", // Go
	"os.system", "os.popen", "os.exec*", "os.spawn*", "os.posix_spawn*", "subprocess.*", "pickle.loads", "pickle.load", // Python
	"execSync", "execFile", "execFileSync", "spawnSync", "vm.runIn*", // JavaScript
	"shell_exec", "passthru", "proc_open", "pcntl_exec", // PHP
	"Runtime.getRuntime", "Process.Start", "Process.spawn", "Open3.*", // Java, C#, Ruby
	"^system", "^eval", "popen", "execl*", "execv*", // C and many others
	"window.eval", "globalThis.eval", "global.eval", "self.eval", "builtins.eval", "__builtins__.eval", "Kernel.eval",
	"Kernel.system", "std.system", "C.system", "libc.system",
}

// watchedKeywords are modules whose functions do that under any name.
var watchedKeywords = []string{"child_process"}

// watchedClasses are such by their type.
var watchedClasses = []string{"ProcessBuilder", "ProcessStartInfo"}

// lockfile is a file in which a tool pins what the manifests beside it ask for.
type lockfile struct {
	name      string
	manifests []string // one of them changes with it; "*" stands for a part
}

// lockfiles are those of the usual tools. Where one changes and no manifest does,
// somebody wrote by hand, or a tool decided, what is fetched from where.
var lockfiles = []lockfile{
	{"package-lock.json", []string{"package.json"}},
	{"npm-shrinkwrap.json", []string{"package.json"}},
	{"yarn.lock", []string{"package.json"}},
	{"pnpm-lock.yaml", []string{"package.json", "pnpm-workspace.yaml"}},
	{"bun.lock", []string{"package.json"}},
	{"bun.lockb", []string{"package.json"}},
	{"deno.lock", []string{"deno.json", "deno.jsonc", "package.json"}},
	{"go.sum", []string{"go.mod"}},
	{"go.work.sum", []string{"go.work", "go.mod"}},
	{"Cargo.lock", []string{"Cargo.toml"}},
	{"poetry.lock", []string{"pyproject.toml"}},
	{"pdm.lock", []string{"pyproject.toml"}},
	{"uv.lock", []string{"pyproject.toml"}},
	{"Pipfile.lock", []string{"Pipfile"}},
	{"Gemfile.lock", []string{"Gemfile", "*.gemspec"}},
	{"composer.lock", []string{"composer.json"}},
	{"mix.lock", []string{"mix.exs"}},
	{"pubspec.lock", []string{"pubspec.yaml"}},
	{"Podfile.lock", []string{"Podfile"}},
	{"Package.resolved", []string{"Package.swift"}},
	{"packages.lock.json", []string{"*.csproj", "*.fsproj", "Directory.Packages.props"}},
	{"gradle.lockfile", []string{"build.gradle", "build.gradle.kts"}},
	{"flake.lock", []string{"flake.nix"}},
}
