package checks

import (
	"path"
	"slices"
	"strings"
)

// scannerNames are files by which a scanner is told what to overlook, by their
// names in lower case; a star stands for any end.
var scannerNames = []string{
	".semgrepignore", ".semgrep.yml", ".semgrep.yaml", "semgrep.yml", "semgrep.yaml",
	".gitleaks.toml", "gitleaks.toml", ".gitleaksignore", ".trufflehog.yml", ".secrets.baseline", ".gitguardian.yml", ".gitguardian.yaml", ".talismanrc",
	".trivyignore*", "trivy.yaml", ".grype.yaml", "osv-scanner.toml", ".nsprc", ".snyk", "audit-ci.json*", ".safety-policy.yml",
	"sonar-project.properties", "codeql-config.yml", "codeql-config.yaml", ".lgtm.yml", "secret_scanning.yml",
	".golangci.yml", ".golangci.yaml", ".golangci.toml", ".golangci.json", ".gosec.json", "gosec.json", "staticcheck.conf",
	".bandit", "bandit.yml", "bandit.yaml", ".eslintrc*", ".eslintignore", "eslint.config.*", "brakeman.ignore", ".pylintrc", "ruff.toml", ".ruff.toml",
	".checkov.yml", ".checkov.yaml", ".checkov.baseline", ".tfsec.yml", "tfsec.yml", ".kics.yml", "kics.config", ".hadolint.yaml", ".hadolint.yml", ".kube-linter.yaml",
	"dependency-check-suppression*.xml", "suppressions.xml", "spotbugs-exclude.xml", "findbugs-exclude.xml", "psalm-baseline.xml", "phpstan-baseline.neon", "detekt-baseline.xml",
}

// setsScanner says whether a file tells a scanner what to look at.
func setsScanner(file string) bool {
	name := strings.ToLower(path.Base(file))
	return slices.ContainsFunc(scannerNames, func(s string) bool {
		begin, end, open := strings.Cut(s, "*")
		return name == s || open && len(name) >= len(s)-1 && strings.HasPrefix(name, begin) && strings.HasSuffix(name, end)
	}) || strings.HasPrefix(file, ".github/codeql/") || strings.HasPrefix(file, ".semgrep/")
}
