package coverage

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

// wantJSON wants reports to be known and read: each is given as it is told.
func wantJSON(t *testing.T, format string, cases map[string]struct{ text, want string }) {
	t.Helper()
	for name, c := range cases {
		r, err := Parse("report.json", strings.NewReader(c.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, f := range r.Files {
			got = append(got, spelled(f))
		}
		if s := r.Summary; s != nil {
			got = append(got, fmt.Sprintf("%d of %d", s.Hit, s.All))
		}
		if r.Format != format {
			t.Errorf("%s: taken for %s", name, r.Format)
		}
		if d := cmp.Diff(c.want, strings.Join(got, "\n")); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// spelled is what is said of a file, as in the samples' accounts.
func spelled(f File) string {
	text := f.Path + ":"
	for _, of := range []struct {
		name  string
		state State
	}{{"hit", Hit}, {"miss", Miss}, {"partial", Partial}} {
		var lines checks.Spans
		for _, run := range f.Runs {
			if run.State == of.state {
				lines = append(lines, checks.Span{Start: int(run.Start), End: int(run.End)})
			}
		}
		if len(lines) > 0 {
			text += fmt.Sprintf(" %s=%s", of.name, lines)
		}
	}
	return text
}

func TestMalformedJSONIsAFaultThatNamesItsLine(t *testing.T) {
	deep := strings.Repeat("[", 64)
	wantFaults(t, parseCodecov, map[string]string{
		"":                                    "Codecov JSON, line 1: the file ends where an object should be",
		"[]":                                  "Codecov JSON, line 1: an array where an object should be",
		"{}":                                  "Codecov JSON, line 1: there is no \"coverage\"",
		"{\"coverage\":\n{\"a\":\n{":          "Codecov JSON, line 3: the file ends where a string should be",
		"{\"coverage\":\n{\"a\":\n{\"1":       "Codecov JSON, line 3: the file ends where the end of a string should be",
		"{\"coverage\":\n{\"a\"\n,":           `Codecov JSON, line 3: "," where a colon should be`,
		"{\"coverage\":\n{\"a\" 1":            `Codecov JSON, line 2: a number where a colon should be`,
		"{\"coverage\": {}\n\n]":              `Codecov JSON, line 3: "]" where a comma or the end should be`,
		"{\"coverage\": {},}":                 `Codecov JSON, line 1: "}" where a string should be`,
		"{\"coverage\": {}\n} {}":             "Codecov JSON, line 2: the document goes on after its end",
		"{\"coverage\": {}, \"a\": nul}":      `Codecov JSON, line 1: "nul" where a value should be`,
		"{\"coverage\": {}, \"a\": NaN}":      `Codecov JSON, line 1: "N" where a value should be`,
		"{\"coverage\": {}, \"a\": 01}":       `Codecov JSON, line 1: "01" is no number`,
		"{\"coverage\": {}, \"a\": \"\n":      `Codecov JSON, line 1: '\n' in a string`,
		"{\"coverage\": {}, \"a\": \"\\x":     "Codecov JSON, line 1: an escape that is none in a string",
		"{\"coverage\": {}, \"a\": \"\\u12G4": "Codecov JSON, line 1: an escape that is none in a string",
		"{\"a\":\n" + deep:                    "Codecov JSON, line 2: more than 64 objects and arrays within each other",
		"{\"coverage\": {\n\"" + strings.Repeat("x", 70_000):                      "Codecov JSON, line 2: a string or number of more than 65536 bytes",
		"{\n\"a\": " + strings.Repeat("1", 70_000):                                "Codecov JSON, line 2: a string or number of more than 65536 bytes",
		"{\"coverage\": {\"\": {\"1\": 1}}}":                                      "Codecov JSON, line 1: a file without a name",
		"{\"coverage\": {\"a\":\n{\"1\": [1]}}}":                                  "Codecov JSON, line 2: an array where a number should be",
		"{\"coverage\": {\"a\":\n{\"one\": 1}}}":                                  `Codecov JSON, line 2: "one" is no line`,
		"{\"coverage\": {\"a\":\n{\"2000001\": 1}}}":                              "Codecov JSON, line 2: line 2000001: a line is a number from 1 to 2000000",
		"{\"coverage\": {\"a\":\n{\"1\": \"some\"}}}":                             `Codecov JSON, line 2: "some" is no share of branches`,
		"{\"coverage\": {\"a\":\n[" + strings.Repeat("null,", maxLine+1) + "1]}}": "Codecov JSON, line 2: line 2000001: a line is a number from 1 to 2000000",
	})
	wantFaults(t, parseIstanbul, map[string]string{
		`{"a.js":{}}`:     `Istanbul, line 1: "a.js" has no statementMap`,
		"{\"a.js\":\n[]}": "Istanbul, line 2: an array where an object should be",
		"{\"a.js\":{\"statementMap\":{},\n\"s\":{\"one\":1}}}":               `Istanbul, line 2: "one" is no number of a statement or branch`,
		"{\"a.js\":{\"statementMap\":{},\n\"s\":{\"1\":\"1\"}}}":             "Istanbul, line 2: a string where a number should be",
		"{\"a.js\":{\"statementMap\":{},\n\"b\":{\"1\":1}}}":                 "Istanbul, line 2: a number where an array should be",
		"{\"a.js\":{\"statementMap\":{\"0\":{\n\"start\":{\"line\":1.5}}}}}": `Istanbul, line 2: "1.5" is no line`,
		"{\"a.js\":{\"statementMap\":{\"0\":{\n\"start\":{\"line\":-1}}}}}":  `Istanbul, line 2: "-1" is no line`,
		"{\"total\":{\n\"lines\":{\"total\":1,\"covered\":2}}}":              "Istanbul, line 2: 2 of 1 lines covered",
		"{\"total\":{\n\"lines\":{\"total\":1.5}}}":                          `Istanbul, line 2: "1.5" is no number of lines`,
	})
	wantFaults(t, parseCoveragePy, map[string]string{
		`{"meta":{}}`: "coverage.py JSON, line 1: there is no \"files\"",
		"{\"files\":{\"a.py\":{\n\"executed_lines\":[]}}}":      `coverage.py JSON, line 2: "a.py" lacks executed_lines or missing_lines`,
		"{\"files\":{\"a.py\":{\n\"executed_lines\":[\"1\"]}}}": "coverage.py JSON, line 2: a string where a number should be",
		"{\"files\":{\"a.py\":{\n\"missing_branches\":[[1]]}}}": "coverage.py JSON, line 2: a branch of 1 lines, not of 2",
	})
	wantFaults(t, parseSimpleCov, map[string]string{
		`{"RSpec":{}}`:                                                             "SimpleCov, line 1: there is no coverage",
		"{\"coverage\":{\n\"a.rb\":{}}}":                                           `SimpleCov, line 2: "a.rb" has no lines`,
		"{\"coverage\":{\n\"a.rb\":{\"lines\":[\"1\"]}}}":                          `SimpleCov, line 2: "1" is no count`,
		"{\"coverage\":{\n\"a.rb\":{\"branches\":{\"if\":{}}}}}":                   `SimpleCov, line 2: "if" is no condition`,
		"{\"coverage\":{\n\"a.rb\":{\"branches\":{\"[:if, 0, x, 1, 1, 1]\":{}}}}}": `SimpleCov, line 2: "x" is no line`,
		"{\"coverage\":{\n\"a.rb\":[" + strings.Repeat("null,", maxLine) + "1]}}":  "SimpleCov, line 2: line 2000001: a line is a number from 1 to 2000000",
	})
	wantFaults(t, parseLLVM, map[string]string{
		`{"data":[]}`: `llvm-cov export, line 1: the type is "", not "llvm.coverage.json.export"`,
		"{\"data\":[{\"files\":[\n{\"segments\":[]}]}]}":                                    "llvm-cov export, line 2: a file without a filename",
		"{\"data\":[{\"files\":[\n{\"segments\":[[1,1,1,true]]}]}]}":                        "llvm-cov export, line 2: a segment with too few parts",
		"{\"data\":[{\"files\":[\n{\"segments\":[[0,1,1,true,true]]}]}]}":                   "llvm-cov export, line 2: a segment without a line",
		"{\"data\":[{\"files\":[\n{\"segments\":[[1,1,1,\"true\"]]}]}]}":                    "llvm-cov export, line 2: a string where a value should be",
		"{\"data\":[{\"files\":[\n{\"segments\":[[2,1,1,true,true],[1,1,1,true,true]]}]}]}": "llvm-cov export, line 2: segments of line 1 after those of line 2",
		"{\"data\":[{\"files\":[\n{\"branches\":[[1,1,1,1,1]]}]}]}":                         "llvm-cov export, line 2: a branch with too few parts",
	})
}

func TestAnErrorOfTheReaderIsNoFaultOfAReportInJSON(t *testing.T) {
	broken := errors.New("the connection is gone")
	for _, parse := range []func(io.Reader) (*Report, error){parseIstanbul, parseCoveragePy, parseSimpleCov, parseLLVM, parseCodecov} {
		for _, begun := range []string{"", `{`, `{"coverage":{"a`, `{"files":{"a":`} {
			r, err := parse(io.MultiReader(strings.NewReader(begun), iotest.ErrReader(broken)))
			if r != nil || !errors.Is(err, broken) {
				t.Errorf("%q: %v, %v", begun, r, err)
			}
		}
	}
}

func TestOtherJSONIsNoReport(t *testing.T) {
	for name, text := range map[string]string{
		"empty":            `{}`,
		"array":            `[{"coverage":{"a":{"1":1}}}]`,
		"string":           `"coverage"`,
		"package.json":     `{"name":"a","version":"1.0.0","scripts":{"coverage":"nyc"},"nyc":{"all":true,"include":["src"],"lines":90},"jest":{"coverageThreshold":{"global":{"lines":80}}},"files":["dist"]}`,
		"c8 settings":      `{"coverage":{"reporter":["text","json"],"exclude":["a"],"lines":80}}`,
		"SARIF":            `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[{"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a"},"region":{"startLine":1}}}]}]}]}`,
		"jest results":     `{"numFailedTests":0,"success":true,"coverageMap":{"/a.js":{"path":"/a.js","statementMap":{},"s":{}}},"testResults":[{"name":"a","status":"passed"}]}`,
		"ESLint":           `[{"filePath":"/a.js","messages":[{"line":1}],"errorCount":0}]`,
		"tsconfig":         `{"compilerOptions":{"lib":["es6"]},"files":["a.ts"],"include":["src"]}`,
		"lock":             `{"name":"a","lockfileVersion":3,"packages":{"":{"dependencies":{"a":"1"}}}}`,
		"Lighthouse":       `{"data":[{"files":["a"]}],"type":"x","total":{"lines":3}}`,
		"coverage summary": `{"coverage":{"lines":{"total":10,"covered":5}}}`,
		"broken":           `{"coverage":`,
	} {
		if r, err := Parse("coverage-final.json", strings.NewReader(text)); !errors.Is(err, ErrNotReport) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// A report that says the same again and again is read in the memory of what it
// says.
func TestWhatIsToldManyTimesIsKeptOnce(t *testing.T) {
	var odd strings.Builder
	for range 8 {
		for n := 1; n < 20_000; n += 2 {
			fmt.Fprintf(&odd, "%d,", n)
		}
	}
	text := `{"files":{"a":{"executed_lines":[` + odd.String() + `20000],"missing_lines":[20002],"excluded_lines":[` + odd.String() + `1]}},"meta":{"branch_coverage":true}}`
	d := draft{j: newJSONReader("", strings.NewReader(text))}
	p := coveragePyParser{j: d.j, draft: d}
	for p.j.Object(); p.j.More(); {
		if string(p.j.Key()) == "files" {
			p.j.Object()
			p.j.More()
			p.file(string(p.j.Key()))
			p.j.More()
		} else {
			p.j.Skip()
		}
	}
	r, err := p.j.report()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := spelled(r.Files[0]), "a: hit=20000 miss=20002"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if n := cap(p.draft.runs); n > 32_000 {
		t.Errorf("memory for %d runs where there are 10,000", n)
	}
	if n := cap(p.draft.excluded); n > 32_000 {
		t.Errorf("memory for %d lines where there are 10,000", n)
	}
}

// silence is a reader that has nothing and does not end.
type silence struct{}

func (silence) Read([]byte) (int, error) { return 0, nil }

func TestAReaderThatSaysNothingIsGivenUp(t *testing.T) {
	if r, err := parseLLVM(silence{}); r != nil || !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("%v, %v", r, err)
	}
}

// BenchmarkIstanbul reads 30 MB.
func BenchmarkIstanbul(b *testing.B) {
	text := bigIstanbul(30 << 20)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("coverage-final.json", strings.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}

func bigIstanbul(size int) string {
	var out strings.Builder
	out.WriteString("{")
	for file := 0; out.Len() < size; file++ {
		if file > 0 {
			out.WriteString(",\n")
		}
		fmt.Fprintf(&out, `"/home/me/src/%d.js":{"path":"/home/me/src/%d.js","statementMap":{"0":{"start":{"line":1,"column":0},"end":{"line":1,"column":9}}`, file, file)
		for n := 1; n < 400; n++ {
			fmt.Fprintf(&out, `,"%d":{"start":{"line":%d,"column":4},"end":{"line":%d,"column":31}}`, n, n*2, n*2+1)
		}
		out.WriteString(`},"fnMap":{},"branchMap":{"0":{"loc":{"start":{"line":2,"column":4},"end":{"line":3,"column":5}},"type":"if","locations":[{"start":{"line":2,"column":4},"end":{"line":3,"column":5}},{"start":{},"end":{}}],"line":2}},"s":{"0":1`)
		for n := 1; n < 400; n++ {
			fmt.Fprintf(&out, `,"%d":%d`, n, n%3)
		}
		out.WriteString(`},"f":{},"b":{"0":[1,0]}}`)
	}
	out.WriteString("}")
	return out.String()
}
