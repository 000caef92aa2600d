package checks

import (
	"path"
	"slices"
	"strings"
)

// scannerNames are files by which a scanner is told what to overlook, by their
// names in lower case.
var scannerNames = []string{
	".semgrepignore", ".semgrep.yml", ".semgrep.yaml", "semgrep.yml", "semgrep.yaml",
	".gitleaks.toml", "gitleaks.toml", ".gitleaksignore", ".trufflehog.yml", ".secrets.baseline", ".gitguardian.yml", ".gitguardian.yaml", ".talismanrc",
	"trivy.yaml", ".grype.yaml", "osv-scanner.toml", ".nsprc", ".snyk", ".safety-policy.yml",
	"sonar-project.properties", "codeql-config.yml", "codeql-config.yaml", ".lgtm.yml", "secret_scanning.yml",
	".golangci.yml", ".golangci.yaml", ".golangci.toml", ".golangci.json", ".gosec.json", "gosec.json", "staticcheck.conf",
	".bandit", "bandit.yml", "bandit.yaml", ".eslintignore", "brakeman.ignore", ".pylintrc", "ruff.toml", ".ruff.toml",
	".checkov.yml", ".checkov.yaml", ".checkov.baseline", ".tfsec.yml", "tfsec.yml", ".kics.yml", "kics.config", ".hadolint.yaml", ".hadolint.yml", ".kube-linter.yaml",
	"suppressions.xml", "spotbugs-exclude.xml", "findbugs-exclude.xml", "psalm-baseline.xml", "phpstan-baseline.neon", "detekt-baseline.xml",
}

// scannerStems are such by how their names begin and end.
var scannerStems = [][2]string{
	{".trivyignore", ""},
	{"audit-ci.json", ""},
	{".eslintrc", ""},
	{"eslint.config.", ""},
	{"dependency-check-suppression", ".xml"},
}

// setsScanner says whether a file tells a scanner what to look at.
func setsScanner(file string) bool {
	name := strings.ToLower(path.Base(file))
	return slices.Contains(scannerNames, name) || slices.ContainsFunc(scannerStems, func(s [2]string) bool {
		return len(name) >= len(s[0])+len(s[1]) && strings.HasPrefix(name, s[0]) && strings.HasSuffix(name, s[1])
	}) || strings.HasPrefix(file, ".github/codeql/") || strings.HasPrefix(file, ".semgrep/")
}
