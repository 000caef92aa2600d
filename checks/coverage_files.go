package checks

import (
	"path"
	"slices"
	"strings"
)

// untouched says whether nothing is changed that could be measured: only
// documentation, pictures, and what the policy ignores. A kind of file that is
// not known here may be measured. Files that GitHub did not list are not seen.
func (c *CoverageRules) untouched(pull *Pull) bool {
	ignore := shapes(c.Ignore)
	for i := range pull.Files {
		f := &pull.Files[i]
		if !immeasurable(f.Path, ignore) || movedFrom(f) != "" && !immeasurable(f.Previous, ignore) {
			return false
		}
	}
	return true
}

// filesCut says whether GitHub lists fewer changed files than there are.
func filesCut(pull *Pull) bool { return pull.FileCount > len(pull.Files) }

func immeasurable(file string, ignore []shapedGlob) bool {
	return isDocument(file) || anyGlob(ignore, file)
}

// documentExts end files that hold nothing that runs.
var documentExts = []string{
	".md", ".markdown", ".rst", ".adoc", ".asciidoc", ".pdf",
	".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico", ".bmp", ".svg",
}

// documentNames are such files by name, in lower case.
var documentNames = []string{
	"license", "licence", "license.txt", "licence.txt", "copying", "copying.txt", "notice", "notice.txt", "authors", "authors.txt",
	"contributors", "maintainers", "changelog", "changelog.txt", "changes", "readme", "readme.txt", "codeowners",
	".gitignore", ".gitattributes", ".editorconfig", ".mailmap",
}

// isDocument says whether a file holds nothing that runs, by its name.
func isDocument(file string) bool {
	name := strings.ToLower(path.Base(file))
	return slices.Contains(documentNames, name) || slices.Contains(documentExts, path.Ext(name))
}

// sourceExts end files that coverage tools measure.
var sourceExts = []string{
	".go", ".c", ".cc", ".cpp", ".cxx", ".m", ".mm", ".rs", ".swift", ".zig", ".d", ".nim",
	".java", ".kt", ".kts", ".scala", ".groovy", ".clj", ".cljs", ".cs", ".fs", ".vb",
	".py", ".rb", ".php", ".pl", ".pm", ".lua", ".r", ".jl", ".dart", ".ex", ".erl", ".hs", ".ml", ".elm",
	".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".vue", ".svelte",
}

// expected says whether some report ought to speak of a changed file: it is
// source, by a list or because a measured file of this change ends the same, and
// neither a test, nor generated, nor somebody else's.
func expected(file string, measuredExts []string) bool {
	ext := path.Ext(strings.ToLower(file))
	known := slices.Contains(sourceExts, ext) || ext != "" && slices.Contains(measuredExts, ext)
	return known && !strings.HasSuffix(strings.ToLower(file), ".d.ts") && !isTest(file) && !isGenerated(file)
}

// testDirs hold tests and what they need; otherDirs what others wrote.
var (
	testDirs = []string{
		"test", "tests", "testdata", "test-data", "__tests__", "__mocks__", "__fixtures__", "__snapshots__", "fixtures", "spec", "specs",
		"e2e", "cypress", "androidtest", "benches",
	}
	otherDirs = []string{"vendor", "node_modules", "third_party", "bower_components", ".venv"}
)

// isTest says whether a file belongs to the tests, by its name or directory.
func isTest(file string) bool {
	dir, name := path.Split(strings.ToLower(file))
	stem := strings.TrimSuffix(name, path.Ext(name))
	for _, end := range []string{"_test", ".test", ".spec", "_spec", "-test", "-spec", ".cy", ".stories", "_unittest"} {
		if strings.HasSuffix(stem, end) {
			return true
		}
	}
	// Java and its kin write the word last, in capitals: FooTest, FooIT.
	for _, end := range []string{"Test", "Tests", "TestCase", "Spec", "IT"} {
		if s := strings.TrimSuffix(path.Base(file), path.Ext(file)); len(s) > len(end) && strings.HasSuffix(s, end) && isLower(s[len(s)-len(end)-1]) {
			return true
		}
	}
	return strings.HasPrefix(name, "test_") || name == "conftest.py" || isUnder(dir, testDirs)
}

func isLower(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

// isGenerated says whether a file was made by a tool, or is a copy of what
// others wrote, by its name or directory.
func isGenerated(file string) bool {
	dir, name := path.Split(strings.ToLower(file))
	for _, part := range []string{".pb.", "_pb2.", "_pb2_grpc.", "_pb.", ".gen.", "_gen.", "_generated.", ".generated.", ".g.", ".min."} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return strings.HasPrefix(name, "zz_generated") || isUnder(dir, otherDirs)
}

// isUnder says whether a directory is, or is under, one of some names.
func isUnder(dir string, names []string) bool {
	for step := range strings.SplitSeq(dir, "/") {
		if slices.Contains(names, step) {
			return true
		}
	}
	return false
}

// settingNames are files, in lower case, in which people set what coverage tools
// measure; in "x*" the star stands for anything.
var settingNames = []string{
	"codecov.yml", "codecov.yaml", ".codecov.yml", ".codecov.yaml", ".coveralls.yml", "coveralls.json", ".testcoverage.yml",
	".coveragerc", "setup.cfg", "tox.ini", "pyproject.toml", "pytest.ini", ".pytest.ini",
	".nycrc*", "nyc.config.*", ".c8rc*", "package.json", "jest.config.*", "vitest.config.*", "vitest.workspace.*", "vite.config.*", "karma.conf.*",
	".simplecov", "phpunit.xml*", ".phpunit.xml*", "mix.exs",
	"pom.xml", "build.gradle*", "build.sbt", "lombok.config", "*.runsettings", "coverlet.*",
	"tarpaulin.toml", ".tarpaulin.toml", "gcovr.cfg", ".lcovrc", ".istanbul.yml", ".slather.yml", "*.csproj", "directory.build.*",
	// What builds may run the tests too, and say with what.
	"makefile", "gnumakefile", "cmakelists.txt", "rakefile", "justfile", "taskfile.y*ml", "noxfile.py",
	"action.yml", "action.yaml", // of an action that a workflow may use
}

// setsCoverage says whether a file may say what is measured or how: changed by
// a pull request, it may make a report that says anything.
func setsCoverage(file string) bool {
	name := strings.ToLower(path.Base(file))
	for _, s := range settingNames {
		begin, end, open := strings.Cut(s, "*")
		if name == s || open && len(name) >= len(s)-1 && strings.HasPrefix(name, begin) && strings.HasSuffix(name, end) {
			return true
		}
	}
	return file == PolicyPath || strings.HasPrefix(file, ".github/actions/")
}
