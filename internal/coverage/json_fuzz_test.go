package coverage

import (
	"testing"
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
