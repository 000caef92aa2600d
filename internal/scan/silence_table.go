package scan

import (
	"path"
	"regexp"
	"strings"
)

// silencer is one way to tell one scanner to overlook something.
type silencer struct {
	tool string
	// mark is in lower case, at least four bytes. Case does not matter, although
	// it does to some tools.
	mark string
	// after must match what follows; nil is that the mark's name ends there.
	after *regexp.Regexp
	// first must match what is before; nil is anything.
	first *regexp.Regexp
	// list: what follows is a list of rules, of which one that is meant may stand
	// behind what is read.
	list bool
	// code: it is not looked for in files for people.
	code  bool
	only  func(file string) bool
	tools map[string]string // the tool by the file's ending
}

// space is what tools take for space, and what looks like it.
const space = `[\s\p{Z}]`

func follows(expression string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)^(?:` + strings.ReplaceAll(expression, "~", space) + `)`)
}

// allRules is the end of a mark that names no rule, and so silences all.
const allRules = `~*(?:$|[^\s\p{Z}\w:\[(=,/@-]|-->|--|\*/|//)|~+[^\s\p{Z}:\[(=]`

func goFile(file string) bool { return strings.EqualFold(path.Ext(file), ".go") }

func cFile(file string) bool {
	switch strings.ToLower(path.Ext(file)) {
	case ".c", ".cc", ".cpp", ".cxx", ".c++", ".h", ".hh", ".hpp", ".hxx", ".h++", ".inl", ".ipp", ".tpp", ".m", ".mm", ".cu", ".cuh", ".ino":
		return true
	}
	return false
}

// unsafeRules are rules of linters for JavaScript that are about security.
const unsafeRules = `(?:security|no-secrets|no-unsanitized|no-eval|no-implied-eval|no-new-func|no-script-url|sonarjs|xss|` +
	`scanjs-rules|anti-trojan-source|@microsoft/sdl|no-danger|no-danger-with-children|no-v-html|no-target-blank|` +
	`jsx-no-script-url|no-unsafe-[\w-]+|detect-[\w-]+|no-wildcard-postmessage|no-angular-bypass-sanitizer)`

// ofUnsafe is a list of rules with one of them, or no list.
const ofUnsafe = `(?:-next-line|-line)?(?:~*(?:$|\*/|--)|~(?:[^\n]*?[\s,/@])?` + unsafeRules + `(?:$|[\s,/*]))`

// silencers: what each tool says in its documentation of ignoring single findings.
// Where a mark without a list silences all of a linter's rules, those for security
// among them, it counts; with a list, only if such a rule is in it.
var silencers = []silencer{
	// Secrets. These tools read every file.
	{tool: "gitleaks", mark: "gitleaks:allow"},                                                                        // README, "gitleaks:allow"
	{tool: "betterleaks", mark: "betterleaks:allow"},                                                                  // README
	{tool: "trufflehog", mark: "trufflehog:ignore"},                                                                   // README, FAQ
	{tool: "ggshield", mark: "ggignore"},                                                                              // ggshield, "Ignoring secrets"
	{tool: "kingfisher", mark: "kingfisher:ignore"},                                                                   // README, "Inline ignore"
	{tool: "vault-radar", mark: "hashicorpignore"},                                                                    // HCP, "Write inline ignore rules"
	{tool: "secretlint", mark: "secretlint-disable", after: follows(``)},                                              // rule-preset filter-comments
	{tool: "detect-secrets", mark: "pragma", after: follows(`~*:~*(?:allow|white)list[ -]?(?:nextline)?[ -]?secret`)}, // README, "Inline Allowlisting"

	// Several languages.
	{tool: "semgrep", mark: "nosemgrep"},                                                        // "Ignore files, folders, and code"
	{tool: "semgrep", mark: "nosem"},                                                            // its short form
	{tool: "codeql", mark: "codeql", after: follows(`~*\[`), code: true},                        // AlertSuppression.qll
	{tool: "codeql", mark: "lgtm", after: follows(`~*\[`), code: true},                          // the same
	{tool: "codeql", mark: "lgtm", after: follows(`~*(?:$|\*/|-->)`), first: leads, code: true}, // the same, bare
	{tool: "sonarqube", mark: "nosonar", code: true},                                            // "Managing issues", NOSONAR
	{tool: "snyk", mark: "deepcode", after: follows(`~+ignore`), code: true},                    // Snyk Code in an IDE
	{tool: "bearer", mark: "bearer:disable", code: true},                                        // "Skip or ignore findings"
	{tool: "devskim", mark: "devskim:", after: follows(`~*ignore`), code: true},                 // wiki, "Suppressions"
	{tool: "deepsource", mark: "skipcq", code: true},                                            // "Ignore issues"
	{tool: "datadog", mark: "no-dd-sa", code: true},                                             // "Static analysis", setup
	{tool: "fluidattacks", mark: "nofluid", code: true},                                         // "Exclude findings from scan reports"
	{tool: "mobsf", mark: "mobsf-ignore", code: true},                                           // mobsfscan, "Suppress findings"
	{tool: "njsscan", mark: "njsscan-ignore", code: true},                                       // njsscan, "Suppress findings"
	{tool: "coverity", mark: "coverity", after: follows(`~*\[`), code: true},                    // "Suppressing defects in source code"

	// Go, Python.
	{tool: "nosec", mark: "nosec", first: hashed, tools: map[string]string{".go": "gosec", ".py": "bandit", ".pyi": "bandit"}, code: true},                                // gosec, "Annotating code"; bandit, "Exclusions"
	{tool: "gosec", mark: "gosec:disable", first: leads, code: true},                                                                                                      // gosec, "Annotating code"
	{tool: "staticcheck", mark: "lint:ignore", first: leads, code: true},                                                                                                  // "Ignoring problems"
	{tool: "staticcheck", mark: "lint:file-ignore", first: leads, code: true},                                                                                             // the same
	{tool: "golangci-lint", mark: "nolint", after: follows(allRules + `|~*:[\w\s,-]*?\b(?:gosec|gas|all|bidichk)\b`), first: leads, list: true, only: goFile, code: true}, // "False positives"
	{tool: "ruff", mark: "noqa", after: follows(allRules + `|~*:~*(?:[A-Z]+\d*[\s,]+)*S(?:\d|\b)`), first: hashed, list: true, code: true},                                // ruff, "Error suppression"; flake8-bandit
	{tool: "ruff", mark: "ruff:", after: follows(`~*(?:file-)?(?:disable|ignore)~*\[[^\]]*\bS\d`), code: true},                                                            // ruff, the same
	{tool: "pylint", mark: "pylint:", after: follows(`~*(?:skip-file|disable(?:-next)?~*=[\w\s,-]*?\b(?:all|exec-used|eval-used|W0122|W0123)\b)`), code: true},            // "Messages control"

	// JavaScript.
	{tool: "eslint", mark: "eslint-disable", after: follows(ofUnsafe), list: true, code: true},                                                           // "Configure rules"
	{tool: "eslint", mark: "eslint", after: follows(`~[^\n]*?` + unsafeRules + `[\w/-]*["']?~*:~*\[?["']?(?:0|off)\b`), code: true},                      // the same
	{tool: "oxlint", mark: "oxlint-disable", after: follows(ofUnsafe), list: true, code: true},                                                           // "Inline ignore comments"
	{tool: "tslint", mark: "tslint:disable", after: follows(`(?:-next-line|-line)?(?:~*(?:$|\*/)|:?[^\n]*` + unsafeRules + `)`), list: true, code: true}, // "Comment flags"
	{tool: "biome", mark: "biome-ignore", after: follows(`(?:-all|-start)?~+lint(?:/security|/suspicious/noGlobalEval|~*:)`), code: true},                // "Suppressions"

	// Java, C#, C, C++.
	{tool: "sonarqube", mark: "suppresswarnings", after: follows(`~*\([^)]*(?:squid:|java:S|javasecurity:|"S\d|"all"|findsecbugs)`), code: true},                                              // "Managing issues"
	{tool: "spotbugs", mark: "suppressfbwarnings", code: true},                                                                                                                                // SpotBugs annotations; Find Security Bugs
	{tool: "pmd", mark: "nopmd", code: true},                                                                                                                                                  // "Suppressing warnings"
	{tool: "dotnet", mark: "pragma", after: follows(`~+warning~+disable(?:~*(?:$|//)|[^\n]*\b(?:CA[235]\d{3}|SCS\d|SEC\d|S\d{3,4}))`), code: true},                                            // C#, "#pragma warning"
	{tool: "dotnet", mark: "suppressmessage", after: follows(`(?:attribute)?~*\([^\n]*?(?:security|\bCA[235]\d{3}|\bSCS\d|\bS\d{4})`), code: true},                                            // .NET, "Suppress code analysis warnings"
	{tool: "clang-tidy", mark: "nolint", after: follows(`(?:nextline|begin)?(?:` + allRules + `|\([^)]*(?:\*|cert-|bugprone-|security))`), first: leads, list: true, only: cFile, code: true}, // "Suppressing undesired diagnostics"
	{tool: "cppcheck", mark: "cppcheck-suppress", after: follows(``), code: true},                                                                                                             // manual, "Inline suppressions"
	{tool: "flawfinder", mark: "flawfinder:", after: follows(`~*ignore`), code: true},                                                                                                         // manual page
	{tool: "flawfinder", mark: "its4:", after: follows(`~*ignore`), code: true},                                                                                                               // the same
	{tool: "flawfinder", mark: "rats:", after: follows(`~*ignore`), code: true},                                                                                                               // the same

	// Ruby, PHP, Elixir, shell.
	{tool: "rubocop", mark: "rubocop:", after: follows(`~*(?:disable|todo)~+[^\n]*?\b(?:all|security)\b`), list: true, code: true}, // "Disabling cops within source code"
	{tool: "phpcs", mark: "phpcs:", after: follows(`~*(?:ignore|disable)`), code: true},                                            // "Advanced usage"
	{tool: "phpcs", mark: "codingstandardsignore", after: follows(``), code: true},                                                 // the same, its old form
	{tool: "psalm", mark: "psalm-suppress", after: follows(`~+(?:[\w]+[\s,]+)*(?:tainted|all\b)`), code: true},                     // "Suppressing issues", taint analysis
	{tool: "psalm", mark: "psalm-taint-escape", code: true},                                                                        // "Avoiding false-positives"
	{tool: "sobelow", mark: "sobelow_skip", code: true},                                                                            // README, "False positives"
	{tool: "shellcheck", mark: "shellcheck", after: follows(`~+[^\n]*?\bdisable=[^\s]*\ball\b`), code: true},                       // wiki, "Ignore"

	// Infrastructure.
	{tool: "trivy", mark: "trivy:ignore", code: true},                                             // "Filtering"
	{tool: "tfsec", mark: "tfsec:ignore", code: true},                                             // "Ignoring warnings"
	{tool: "checkov", mark: "checkov:skip", code: true},                                           // "Suppressing and skipping policies"
	{tool: "checkov", mark: "bridgecrew:skip", code: true},                                        // the same
	{tool: "checkov", mark: "checkov.io/skip", after: follows(``), code: true},                    // the same, Kubernetes
	{tool: "kics", mark: "kics-scan", after: follows(`~+(?:ignore|disable)`), code: true},         // "Running KICS", comments
	{tool: "terrascan", mark: "ts:skip", code: true},                                              // "In-file instrumentation"
	{tool: "terrascan", mark: "runterrascan.io/skip", code: true},                                 // the same, Kubernetes
	{tool: "hadolint", mark: "hadolint", after: follows(`~+(?:global~+)?ignore`), code: true},     // README, "Inline ignores"
	{tool: "docker", mark: "check=skip", code: true},                                              // Dockerfile reference, check
	{tool: "kube-linter", mark: "ignore-check.kube-linter.io", code: true},                        // "Configuring KubeLinter"
	{tool: "kube-score", mark: "kube-score/ignore", code: true},                                   // README, "Ignoring a test"
	{tool: "polaris", mark: "polaris.fairwinds.com/", after: follows(`[\w-]*exempt`), code: true}, // "Exemptions"
	{tool: "cfn-nag", mark: "rules_to_suppress", code: true},                                      // README, "Per-resource rule suppression"
	{tool: "cdk-nag", mark: "nagsuppressions", code: true},                                        // README, "Suppressing a rule"
	{tool: "zizmor", mark: "zizmor:", after: follows(`~*ignore`), code: true},                     // "Ignoring results"
}

// leads is that a comment begins right before, hashed that one with "#" does, be
// it for a tool that is named.
var (
	leads  = regexp.MustCompile(`(?:#|//|/\*|--|;)[\s\p{Z}]*$`)
	hashed = regexp.MustCompile(`(?i)#[\s\p{Z}]*(?:(?:ruff|flake8):[\s\p{Z}]*)?$`)
)
