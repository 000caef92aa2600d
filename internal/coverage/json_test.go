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
		"":                                "Codecov JSON, line 1: the file ends where an object should be",
		"[]":                              "Codecov JSON, line 1: an array where an object should be",
		"{}":                              "Codecov JSON, line 1: there is no coverage",
		"{\"coverage\":\n{\"a\":\n{":      "Codecov JSON, line 3: the file ends where a string should be",
		"{\"coverage\":\n{\"a\":\n{\"1":   "Codecov JSON, line 3: the file ends where the end of a string should be",
		"{\"coverage\":\n{\"a\"\n,":       `Codecov JSON, line 3: "," where a colon should be`,
		"{\"coverage\":\n{\"a\" 1":        `Codecov JSON, line 2: a number where a colon should be`,
		"{\"coverage\": {}\n\n]":          `Codecov JSON, line 3: "]" where a comma or the end should be`,
		"{\"coverage\": {},}":             `Codecov JSON, line 1: "}" where a string should be`,
		"{\"coverage\": {}\n} {}":         "Codecov JSON, line 2: the document goes on after its end",
		"{\"coverage\": {}, \"a\": nul}":  `Codecov JSON, line 1: "nul" where a value should be`,
		"{\"coverage\": {}, \"a\": NaN}":  `Codecov JSON, line 1: "N" where a value should be`,
		"{\"coverage\": {}, \"a\": 01}":   `Codecov JSON, line 1: "01" is no number`,
		"{\"coverage\": {}, \"a\": \"\n":  `Codecov JSON, line 1: '\n' in a string`,
		"{\"coverage\": {}, \"a\": \"\\x": "Codecov JSON, line 1: an escape that is none in a string",
		"{\"a\":\n" + deep:                "Codecov JSON, line 2: more than 64 objects and arrays within each other",
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
		`{"meta":{}}`: "coverage.py JSON, line 1: there are no files",
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

func TestIstanbulIsReadAsItsOwnLibraryCounts(t *testing.T) {
	wantJSON(t, istanbulFormat, map[string]struct{ text, want string }{
		"a line is as often run as the statement on it that was run most": {
			`{"a.js":{"path":"a.js","statementMap":{"0":{"start":{"line":1,"column":0}},"1":{"start":{"line":1,"column":9}},"2":{"start":{"line":2},"end":{"line":9,"column":null}},"7":{"start":{"line":3}}},"fnMap":{},"branchMap":{},"s":{"0":0,"1":3,"2":0},"f":{},"b":{}}}`,
			"a.js: hit=1 miss=2",
		},
		"a branch with a path that was not taken": {
			`{"a.js":{"statementMap":{"0":{"start":{"line":1}},"1":{"start":{"line":2}},"2":{"start":{"line":3}},"3":{"start":{"line":4}},"4":{"start":{"line":5}}},
			"branchMap":{"0":{"line":1,"loc":{"start":{"line":5}}},"1":{"loc":{"start":{"line":2}},"type":"if"},"2":{"locations":[{"start":{}},{"start":{"line":3}}]},"3":{"loc":{"start":{"line":4}}}},
			"s":{"0":1,"1":1,"2":1,"3":0,"4":1},"b":{"0":[1,0],"1":[0],"2":[2,0],"3":[0,0],"9":[0]}}}`,
			"a.js: hit=5 miss=4 partial=1-3",
		},
		"counts before their places, path after them, and not its key": {
			`{"x":{"b":{"0":[0,1]},"s":{"1":1,"0":0},"branchMap":{"0":{"line":7}},"statementMap":{"0":{"start":{"line":6}},"1":{"start":{"line":7}}},"path":"C:\\w\\a.js"}}`,
			"C:/w/a.js: miss=6 partial=7",
		},
		"wrapped in data, once or twice": {
			`{"data":{"a.js":{"data":{"path":"/a.js","statementMap":{"0":{"start":{"line":1}}},"s":{"0":1}}},"b.js":{"statementMap":{},"s":{}}}}`,
			"/a.js: hit=1\nb.js:",
		},
		"never loaded, with a source map and a source in it": {
			`{"a.ts":{"path":"a.ts","all":true,"statementMap":{"0":{"start":{"line":1,"column":0},"end":{"line":null}},"1":{"start":{"line":0}},"2":{"start":{"line":null}},"3":{"start":null}},"branchMap":{"0":{"loc":null,"locations":[null,{"start":null}]}},"b":{"0":[0]},"s":{"0":0,"1":0,"2":1,"3":1},"inputSourceMap":{"sourcesContent":["` + strings.Repeat(`x\n`, 40_000) + `"]}}}`,
			"a.ts: miss=1",
		},
		"counts with fractions, exponents, too large, below zero, null": {
			`{"a.js":{"statementMap":{"0":{"start":{"line":1}},"1":{"start":{"line":2}},"2":{"start":{"line":3}},"3":{"start":{"line":4}},"4":{"start":{"line":5}}},"s":{"0":0.5,"1":1e3,"2":99999999999999999999,"3":-4,"4":null}}}`,
			"a.js: hit=1-3 miss=4-5",
		},
		"the same names twice": {
			`{"a.js":{"statementMap":{"0":{"start":{"line":1}}},"s":{"0":0},"s":{"0":1}},"a.js":{"statementMap":{"0":{"start":{"line":2}}},"s":{"0":0}},"A.js":{"path":"a.js","statementMap":{"0":{"start":{"line":2}}},"s":{"0":5}}}`,
			"a.js: hit=1-2",
		},
		"a summary": {
			`{"total":{"statements":{"total":9,"covered":9},"lines":{"total":16,"covered":12,"skipped":0,"pct":"Unknown"}},"a.js":{"lines":{"total":16,"covered":12}}}`,
			"12 of 16",
		},
	})
}

func TestCoveragePyIsReadWithoutCountingFunctionsAgain(t *testing.T) {
	wantJSON(t, coveragePyFormat, map[string]struct{ text, want string }{
		"format 3, files before meta": {
			`{"files":{"a.py":{"functions":{"f":{"executed_lines":[8],"missing_lines":[9],"missing_branches":[[1,9]]}},"classes":{"":{"executed_lines":[8]}},"contexts":{"1":["t"]},"executed_lines":[1,2,4],"missing_lines":[3,5],"excluded_lines":[4],"missing_branches":[[2,3],[2,-1],[3,5]]}},"meta":{"format":3,"branch_coverage":true}}`,
			"a.py: hit=1 miss=3,5 partial=2",
		},
		"before branches had names, Windows, an empty file": {
			`{"meta":{"version":"5.0","branch_coverage":false},"files":{"p\\a.py":{"executed_lines":[1],"summary":{},"missing_lines":[]},"b.py":{"executed_lines":[0],"missing_lines":[]}},"totals":{"covered_lines":99}}`,
			"b.py:\np/a.py: hit=1",
		},
		"excluded lines at both ends and in the middle": {
			`{"meta":{"branch_coverage":false},"files":{"a.py":{"excluded_lines":[9,1,4,5],"executed_lines":[1,2,3,4,5,6],"missing_lines":[8,9]}}}`,
			"a.py: hit=2-3,6 miss=8",
		},
		"no files": {`{"meta":{"branch_coverage":true},"files":{}}`, ""},
	})
}

func TestSimpleCovIsReadFromResultSetsAndTheFormatter(t *testing.T) {
	wantJSON(t, simpleCovFormat, map[string]struct{ text, want string }{
		"arrays of lines": {`{"RSpec":{"coverage":{"/a.rb":[null,1,0,"ignored",2.0,-1]},"timestamp":1}}`, "/a.rb: hit=2,5 miss=3,6"},
		"one command takes one branch, the next the other": {
			`{"RSpec":{"coverage":{"/a.rb":{"lines":[1,1,0],"branches":{"[:if, 0, 1, 0, 3, 3]":{"[:then, 1, 2, 2, 2, 3]":1,"[:else, 2, 3, 2, 3, 3]":0},"[:unless, 3, 2, 0, 2, 3]":{"[:else, 4, 2, 0, 2, 3]":0,"[:then, 5, 2, 0, 2, 3]":1}}}},"timestamp":1},
			"Minitest":{"timestamp":2,"coverage":{"/a.rb":{"branches":{"[:if, 0, 1, 0, 3, 3]":{"[:then, 1, 2, 2, 2, 3]":0,"[:else, 2, 3, 2, 3, 3]":7}},"lines":[1,0,1]}}}}`,
			"/a.rb: hit=1,3 partial=2",
		},
		"the formatter's branches, where a case is not reached": {
			`{"meta":{"simplecov_version":"0.22.0"},"coverage":{"a.rb":{"lines":[1,0,null,1,null,1,0,0],"branches":[{"type":"then","start_line":2,"end_line":2,"coverage":0},{"type":"else","start_line":4,"end_line":4,"coverage":1},{"type":"when","start_line":8,"end_line":8,"coverage":0},{"type":"else","start_line":7,"end_line":9,"coverage":0},{"type":"then","start_line":6,"end_line":6,"coverage":"ignored"}]}},"groups":{"coverage":{"lines":{}}}}`,
			"a.rb: hit=4,6 miss=2,7-8 partial=1",
		},
		"nothing covered yet": {`{"RSpec":{"coverage":{},"timestamp":1700000000}}`, ""},
		"branches off":        {`{"RSpec":{"coverage":{"a.rb":{"lines":[1],"branches":null,"methods":{"x":1}}}}}`, "a.rb: hit=1"},
	})
}

func TestLLVMLinesAreToldAsLLVMDoes(t *testing.T) {
	export := func(segments, branches string) string {
		return `{"data":[{"files":[{"branches":[` + branches + `],"filename":"/a.c","segments":[` + segments + `]}],"totals":{"lines":{"count":1,"covered":9}}}],"type":"llvm.coverage.json.export","version":"2.0.1"}`
	}
	wantJSON(t, llvmFormat, map[string]struct{ text, want string }{
		"a region goes on until the next segment": {export(`[2,1,5,true,true,false],[6,2,0,false,false,false],[9,1,0,true,true,false],[9,5,0,false,false,false]`, ""), "/a.c: hit=2-6 miss=9"},
		"the most that begins or goes on":         {export(`[1,1,0,true,true,false],[2,5,3,true,true,false],[2,9,0,true,false,false],[4,1,0,false,false,false]`, ""), "/a.c: hit=2 miss=1,3-4"},
		"what ends on a line still holds on it":   {export(`[1,1,4,true,true,false],[2,9,0,true,true,false],[3,1,0,false,false,false]`, ""), "/a.c: hit=1-2 miss=3"},
		"gaps do not count, what goes on does":    {export(`[1,1,0,true,true,false],[2,5,7,true,true,true],[3,1,0,true,true,false],[4,1,0,false,false,false]`, ""), "/a.c: hit=3 miss=1-2,4"},
		"what was not compiled":                   {export(`[1,1,1,true,true,false],[2,1,0,false,true,false],[5,1,1,true,false,false],[6,1,0,false,false,false]`, ""), "/a.c: hit=1,6"},
		"branches":                                {export(`[1,1,1,true,true,false],[4,1,0,false,false,false]`, `[1,1,1,9,1,0,0,0,4],[2,1,2,9,1,1,0,0,4],[3,1,3,9,0,18446744073709551615],[9,1,9,9,0,0]`), "/a.c: hit=2,4 partial=1,3"},
		"version 2.0.0, numbers for truth":        {export(`[1,1,1,1,1],[2,1,0,0,0]`, ""), "/a.c: hit=1-2"},
		"a file of nothing":                       {export("", ""), "/a.c:"},
		"a summary": {
			`{"data":[{"files":[{"filename":"a.c","summary":{"lines":{"count":5,"covered":4}}}],"totals":{"functions":{"count":1},"lines":{"count":5,"covered":4,"percent":80}}}],"type":"llvm.coverage.json.export","version":"2.0.1"}`,
			"4 of 5",
		},
		"the type alone at first": {`{"type":"llvm.coverage.json.export","data":[]}`, ""},
	})
}

func TestCodecovIsReadAsArraysAndAsObjects(t *testing.T) {
	wantJSON(t, codecovFormat, map[string]struct{ text, want string }{
		"arrays":   {`{"messages":{"a.pl":{"1":"x"}},"coverage":{"a.pl":[null,1,0,"1/2","0/2","2/2",true,false,null,9.5]}}`, "a.pl: hit=1,5,9 miss=2,4,7 partial=3,6"},
		"objects":  {`{"coverage":{"b\\c.sh":{"4":2,"9":0,"2":null,"0":1,"5":"1/3","6":-1,"7":1e9},"d.sh":null}}`, "b/c.sh: hit=4,7 miss=6,9 partial=5"},
		"twice":    {`{"coverage":{"a":{"1":0,"1":1},"a":{"1":0,"2":0}},"coverage":{"a":{"2":1}}}`, "a: hit=1-2"},
		"spelling": {"\uFEFF\r\n{\"coverage\":\r\n{\"\\u00e9\\/\\ud83d\\ude00.sh\": {\"1\":1}}}\r\n", "é/😀.sh: hit=1"},
	})
}

func TestTotalsOfAReportInJSONAreNotBelievedWhereThereAreLines(t *testing.T) {
	r, err := parseLLVM(strings.NewReader(`{"data":[{"files":[{"filename":"a","segments":[[1,1,1,true,true,false]]}],"totals":{"lines":{"count":1,"covered":9}}}],"type":"llvm.coverage.json.export"}`))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff((*checks.Totals)(nil), r.Summary); d != "" {
		t.Error(d)
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
