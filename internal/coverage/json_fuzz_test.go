package coverage

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func seeds(f *testing.F, texts ...string) {
	for _, s := range texts {
		f.Add([]byte(s))
	}
}

func FuzzIstanbul(f *testing.F) {
	seeds(f,
		`{"a":{"path":"/a.js","statementMap":{"0":{"start":{"line":1,"column":0},"end":{"line":1,"column":null}}},"s":{"0":1},"branchMap":{"0":{"line":1,"loc":{"start":{"line":1}},"locations":[{"start":{"line":1}},{"start":{}}]}},"b":{"0":[1,0]},"fnMap":{},"f":{}}}`,
		`{"data":{"b":{"data":{"s":{"1":0,"2":1e3},"statementMap":{"2":{"start":{"line":3}},"1":{"start":{"line":2}}}}}}}`,
		`{"total":{"lines":{"total":16,"covered":12,"pct":"Unknown"}},"a":{"lines":{"total":1}}}`,
	)
	fuzzFormat(f, parseIstanbul)
}

func FuzzCoveragePy(f *testing.F) {
	seeds(f,
		`{"meta":{"format":3,"branch_coverage":true},"files":{"a.py":{"executed_lines":[1,2,4],"missing_lines":[3],"excluded_lines":[4],"missing_branches":[[2,3],[2,-1]],"functions":{"f":{"executed_lines":[9]}}}},"totals":{}}`,
		`{"files":{"a\\b.py":{"missing_branches":[[1,2]],"missing_lines":[],"executed_lines":[0,1]}}}`,
	)
	fuzzFormat(f, parseCoveragePy)
}

func FuzzSimpleCov(f *testing.F) {
	seeds(f,
		`{"RSpec":{"coverage":{"/a.rb":{"lines":[null,1,0,"ignored"],"branches":{"[:if, 0, 2, 4, 7, 7]":{"[:then, 1, 3, 6, 3, 9]":0,"[:else, 2, 5, 6, 5, 9]":1}}},"/b.rb":[null,1]},"timestamp":1},"Minitest":{"coverage":{"/a.rb":{"lines":[1]}}}}`,
		`{"meta":{"simplecov_version":"0.22"},"coverage":{"/a.rb":{"lines":[1,0,1],"branches":[{"type":"then","start_line":2,"end_line":2,"coverage":0},{"type":"else","start_line":3,"coverage":"ignored"}]}},"groups":{}}`,
	)
	fuzzFormat(f, parseSimpleCov)
}

func FuzzLLVM(f *testing.F) {
	seeds(f,
		`{"data":[{"files":[{"branches":[[2,1,2,5,1,0,0,0,4]],"filename":"/a.c","segments":[[1,1,2,true,true,false],[4,1,0,true,true,false],[4,9,2,true,false,true],[6,2,0,false,false,false]]}],"totals":{"lines":{"count":6,"covered":5}}}],"type":"llvm.coverage.json.export","version":"2.0.1"}`,
		`{"type":"llvm.coverage.json.export","data":[{"files":[{"filename":"a","summary":{}}],"totals":{"lines":{"count":6,"covered":5}}}]}`,
	)
	fuzzFormat(f, parseLLVM)
}

func FuzzCodecov(f *testing.F) {
	seeds(f,
		`{"coverage":{"a.pl":[null,1,0,"1/2","0/2",true],"b.sh":{"1":1,"2":"2/2","0":4,"7":null,"9":-1}},"messages":{"a.pl":{"1":"x"}}}`,
		`{"coverage":{"a":null,"b":{"3":1e400}}}`,
	)
	fuzzFormat(f, parseCodecov)
}

// What encoding/json takes for a document is one here, and means the same; the
// limits aside, and a name that comes twice, which a document has once there.
func FuzzJSON(f *testing.F) {
	seeds(f,
		`{"a":[1,-0.5e+3,"\ud83d\ude00\ud83d x\u0000\n",true,false,null,{}],"":{"b":[]}}`,
		`[1,]`, `{"a":1,}`, `[01]`, `[1.]`, `[-]`, `nul`, `"\x"`, "\"\x01\"", "\"\xff\xfe\xc3\"", `[}`, `{} {}`, ` [ ] `, `[1 2]`, `{"a" 1}`, "[\x00]",
		`"\ud83d\ud83d\ude00\ude00"`,
	)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, size := range []int{1, 7, 32 << 10} {
			j := newJSONReader("JSON", bytes.NewReader(data))
			j.buf = make([]byte, 0, size)
			got := anyValue(j)
			_, err := j.report()
			if err != nil && strings.Contains(err.Error(), "more than 6") {
				return
			}
			if valid := json.Valid(data); valid != (err == nil) {
				t.Fatalf("encoding/json: valid %v; here: %v", valid, err)
			}
			passed := newJSONReader("JSON", bytes.NewReader(data))
			passed.buf = make([]byte, 0, size)
			passed.skip()
			if _, skipped := passed.report(); (skipped == nil) != (err == nil) {
				t.Fatalf("read: %v; passed over: %v", err, skipped)
			}
			if err != nil {
				continue
			}
			var want any
			d := json.NewDecoder(bytes.NewReader(data))
			d.UseNumber()
			if err := d.Decode(&want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

// anyValue reads a value into what encoding/json makes of it.
func anyValue(j *jsonReader) any {
	switch j.kind() {
	case '{':
		out := map[string]any{}
		for j.object(); j.more(); {
			key := string(j.key())
			out[key] = anyValue(j)
		}
		return out
	case '[':
		out := []any{}
		for j.array(); j.more(); {
			out = append(out, anyValue(j))
		}
		return out
	case '"':
		return string(j.string(true))
	case '0':
		return json.Number(j.number())
	default:
		if c := j.word(); c == 't' || c == 'f' {
			return c == 't'
		}
		return nil
	}
}
