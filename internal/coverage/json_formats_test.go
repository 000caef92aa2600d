package coverage

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

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
			`{"x":{"path":null,"b":{"0":[0,1]},"s":{"1":1,"0":0},"branchMap":{"0":{"line":7}},"statementMap":{"0":{"start":{"line":6}},"1":{"start":{"line":7}}},"path":"C:\\w\\a.js"}}`,
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
		"nothing covered yet": {`{"version":1,"RSpec":{"coverage":{},"timestamp":1700000000}}`, ""},
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

func TestAReportInJSONThatIsCutShortIsNeverRead(t *testing.T) {
	for _, path := range sampleFiles(t) {
		if filepath.Ext(path) != ".json" {
			continue
		}
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; n < len(bytes.TrimSpace(whole)); n += 61 {
			r, err := Parse("", bytes.NewReader(whole[:n]))
			if fault := new(FormatError); r != nil || !errors.Is(err, ErrNotReport) && (!errors.As(err, &fault) || fault.Line == 0) {
				t.Errorf("%s, %d bytes: %+v, %v", path, n, r, err)
			}
		}
	}
}
