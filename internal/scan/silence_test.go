package scan

import (
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

func TestWhatSilencesAScannerIsSeen(t *testing.T) {
	for _, c := range []struct{ file, line, tool string }{
		{"a.go", "x() // gitleaks:allow", "gitleaks"},
		{"README.md", "key <!-- gitleaks:allow -->", "gitleaks"},
		{"a.go", "x() // BETTERLEAKS:ALLOW", "betterleaks"},
		{"a.py", "x = 1 # trufflehog:ignore\r", "trufflehog"},
		{"a.py", "x = 1\t#\tggignore", "ggshield"},
		{"a.py", "x = 1 # pragma: allowlist secret", "detect-secrets"},
		{"a.py", "# pragma: whitelist nextline secret", "detect-secrets"},
		{"a.py", "x = 1 # pragma:\u00a0allowlist secret", "detect-secrets"},
		{"a.tf", "x = 1 # HashiCorpIgnore", "vault-radar"},
		{"a.js", "x() // nosemgrep", "semgrep"},
		{"a.js", "x() // nosemgrep: rules.a, rules.b", "semgrep"},
		{"a.html", "<!-- NoSem -->", "semgrep"},
		{"a.c", "x(); // lgtm[cpp/overflow]", "codeql"},
		{"a.c", "x(); // lgtm", "codeql"},
		{"a.c", "// this lgtm I think", ""},
		{"a.js", "x(); // codeql[js/xss]", "codeql"},
		{"a.java", "x(); //NOSONAR", "sonarqube"},
		{"a.java", `@SuppressWarnings("java:S2076")`, "sonarqube"},
		{"a.java", `@SuppressWarnings({"unchecked", "squid:S2076"})`, "sonarqube"},
		{"a.java", `@SuppressWarnings("unchecked")`, ""},
		{"a.go", "x() // #nosec", "gosec"},
		{"a.go", "x() //#nosec G104 -- fine", "gosec"},
		{"a.go", "//gosec:disable G101", "gosec"},
		{"a.py", "x() # nosec B602", "bandit"},
		{"a.yml", "x: y #nosec", "nosec"},
		{"a.go", "x() /* #nosec */", "gosec"},
		{"a.go", "NoSec bool `json:\"nosec\"`", ""},
		{"a.proto", "// buf:lint:ignore ENUM_VALUE", ""},
		{"a.json", `"each nolint directive."`, ""},
		{"a.go", `"a nolint directive"`, ""},
		{"a.py", "x()  # type: ignore # noqa", "ruff"},
		{"a.py", "# flake8: noqa", "ruff"},
		{"a.py", "noqa = 1", ""},
		{"a.py", "nosecond = 1", ""},
		{"a.py", "x.nosec_total", ""},
		{"README.md", "Use #nosec with care", ""},
		{"a.go", "x() //nolint", "golangci-lint"},
		{"a.go", "x() // nolint // why", "golangci-lint"},
		{"a.go", "x() //nolint:errcheck,gosec // why", "golangci-lint"},
		{"a.go", "x() //nolint:all", "golangci-lint"},
		{"a.go", "x() //nolint:errcheck", ""},
		{"a.go", "x() //nolint:errcheck // not gosec", ""},
		{"a.go", "//lint:ignore SA1019 why", "staticcheck"},
		{"a.go", "//lint:file-ignore SA1019 why", "staticcheck"},
		{"a.cc", "x(); // NOLINT", "clang-tidy"},
		{"a.cc", "// NOLINTNEXTLINE(cert-env33-c)", "clang-tidy"},
		{"a.cc", "x(); // NOLINT(readability-magic-numbers)", ""},
		{"a.py", "x()  # noqa", "ruff"},
		{"a.py", "x()  # noqa: S602", "ruff"},
		{"a.py", "x()  # NOQA:E501, S", "ruff"},
		{"a.py", "# ruff: noqa", "ruff"},
		{"a.py", "# ruff: noqa: S", "ruff"},
		{"a.py", "x()  # noqa: E501", ""},
		{"a.py", "x()  # noqa: SIM102", ""},
		{"a.py", "# type: ignore", ""},
		{"a.py", "# pylint: disable=eval-used", "pylint"},
		{"a.py", "# pylint: disable=line-too-long", ""},
		{"a.js", "/* eslint-disable */", "eslint"},
		{"a.js", "// eslint-disable-next-line", "eslint"},
		{"a.js", "// eslint-disable-line no-console, security/detect-object-injection", "eslint"},
		{"a.js", "// eslint-disable-next-line no-eval -- why", "eslint"},
		{"a.js", "// eslint-disable-next-line no-console", ""},
		{"a.js", "// eslint-disable-next-line " + strings.Repeat("no-console, ", 50) + "no-eval", "eslint"},
		{"a.js", `/* eslint no-eval: "off" */`, "eslint"},
		{"a.js", `/* eslint no-eval: "error" */`, ""},
		{"a.js", "// oxlint-disable-next-line no-eval", "oxlint"},
		{"a.js", "// biome-ignore lint/security/noDangerouslySetInnerHtml: why", "biome"},
		{"a.js", "// biome-ignore lint/style/useConst: why", ""},
		{"a.ts", "// tslint:disable", "tslint"},
		{"a.java", `@SuppressFBWarnings("SQL_INJECTION")`, "spotbugs"},
		{"a.java", "x(); // NOPMD", "pmd"},
		{"a.cs", "#pragma warning disable CA2100", "dotnet"},
		{"a.cs", "#pragma warning disable", "dotnet"},
		{"a.cs", "#pragma warning disable CS0168", ""},
		{"a.cs", `[SuppressMessage("Security", "CA5350")]`, "dotnet"},
		{"a.cs", `[SuppressMessage("Style", "IDE0060")]`, ""},
		{"a.c", "/* Flawfinder: ignore */", "flawfinder"},
		{"a.c", "// cppcheck-suppress arrayIndexOutOfBounds", "cppcheck"},
		{"a.rb", "eval(x) # rubocop:disable Security/Eval", "rubocop"},
		{"a.rb", "# rubocop:disable all", "rubocop"},
		{"a.rb", "# rubocop:disable Style/Send", ""},
		{"a.php", "// phpcs:ignore WordPress.Security", "phpcs"},
		{"a.php", "/** @psalm-suppress TaintedSql */", "psalm"},
		{"a.php", "/** @psalm-suppress MixedArgument */", ""},
		{"a.ex", `# sobelow_skip ["SQL"]`, "sobelow"},
		{"a.tf", "#tfsec:ignore:aws-s3-enable-versioning", "tfsec"},
		{"a.tf", "# trivy:ignore:AVD-AWS-0001", "trivy"},
		{"a.tf", "#checkov:skip=CKV_AWS_20:why", "checkov"},
		{"a.yml", "checkov.io/skip1: CKV_K8S_20=why", "checkov"},
		{"a.tf", "# kics-scan ignore-line", "kics"},
		{"a.tf", "#ts:skip=AC_AWS_1 why", "terrascan"},
		{"Dockerfile", "# hadolint ignore=DL3008", "hadolint"},
		{"Dockerfile", "# check=skip=SecretsUsedInArgOrEnv", "docker"},
		{"a.yml", "ignore-check.kube-linter.io/privileged: why", "kube-linter"},
		{"a.yml", "polaris.fairwinds.com/privileged-exempt: 'true'", "polaris"},
		{"a.yml", "- uses: a/b@main # zizmor: ignore[unpinned-uses]", "zizmor"},
		{"a.sh", "# shellcheck disable=all", "shellcheck"},
		{"a.sh", "# shellcheck disable=SC2034", ""},
		{"a.cs", "// DevSkim: ignore DS126858", "devskim"},
		{"a.py", "x() # skipcq: BAN-B101", "deepsource"},
	} {
		got := silencedIn(c.file, []checks.PatchLine{{Kind: '+', New: 7, Text: c.line}})
		switch {
		case c.tool == "" && len(got) == 0:
		case len(got) != 1 || got[0].Kind != c.tool || got[0].Line != 7 || got[0].Path != c.file || got[0].What == "":
			t.Errorf("%s %q: got %v, want %q", c.file, c.line, got, c.tool)
		}
	}
}

func TestAMarkThatOnlyMovesSilencesNothingNew(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"-x() // #nosec\n+\tx() // #nosec", nil},
		{"+y()\n+x() // #nosec\n z()\n-x() // #nosec", nil},
		{"-x() // #nosec\n+y() // #nosec", []string{"+1 nosec"}},
		{"-x() // #nosec\n+x() // #nosec\n+x() // #nosec", []string{"+2 nosec"}},
		{"-// #nosec\n-x()\n+  // #nosec\n+  x()", nil},
		{"-// #nosec\n x()\n+// #nosec\n y()", []string{"+2 nosec"}},
		{"-x() // #nosec", nil},
		{" x() // #nosec", nil},
	} {
		wantTold(t, silencedIn("a.go", difference(c.text)), c.want...)
	}
}

func TestALineOfNothingButMarksIsReadInNoTimeAndCounts(t *testing.T) {
	line := strings.Repeat("//nolint:errcheck ", 1<<16)
	if got := silencedIn("a.go", []checks.PatchLine{{Kind: '+', New: 1, Text: line}}); len(got) != 1 {
		t.Errorf("got %v", got)
	}
}

func TestEveryMarkCanBeFound(t *testing.T) {
	for _, m := range silencers {
		if len(m.mark) < 4 || strings.ToLower(m.mark) != m.mark || m.tool == "" {
			t.Errorf("the row of %q says nothing", m.mark)
		}
	}
}
