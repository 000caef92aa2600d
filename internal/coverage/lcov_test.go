package coverage

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func FuzzLCOV(f *testing.F) {
	for _, s := range []string{
		"TN:\nSF:a.c\nDA:1,1\nDA:2,0\nend_of_record\n",
		"SF:a\nBRDA:1,0,0,-\nBRDA:1,e0,a, b,1\nDA:1,1e3\nDA:1,-4,abc\nSF:b\nDA:0,0\n",
		"# made\nTN:x\nSF:\nDA:3,1\n",
		"SF:a\nFN:1,2,f\nFNDA:0,f\nFNL:0,1,2\nFNA:0,1,f\nMCDC:1,2,t,0,0,a\nLF:1\nLH:1\nDA:9,1\nDA:7,0\nDA:8,0\nend_of_record ",
		"SF:a\nDA:2000001,1\n",
	} {
		f.Add([]byte(s))
	}
	fuzzFormat(f, parseLCOV)
}

func TestLCOVIsReadAsWritten(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []File
	}{
		"whole record": {
			"TN:unit\nSF:src/a.c\nFN:1,main\nFNDA:3,main\nFNF:1\nDA:1,3\nDA:2,3\nDA:3,0\nLF:3\nLH:2\nend_of_record\n",
			[]File{{Path: "src/a.c", Runs: []Run{{1, 2, Hit}, {3, 3, Miss}}}},
		},
		"byte order mark, CRLF, no TN, no end": {
			"\uFEFFSF:a.c\r\nDA:1,1\r\nSF:b.c\r\nDA:5,0\r\n",
			[]File{{Path: "a.c", Runs: []Run{{1, 1, Hit}}}, {Path: "b.c", Runs: []Run{{5, 5, Miss}}}},
		},
		"a blank behind the end, Windows path, comment": {
			"# by hand\nTN:\nSF:C:\\w\\a.c\nDA:1,0\nend_of_record \nTN:\nSF:/b.c\nDA:2,1\nend_of_record\t\n",
			[]File{{Path: "/b.c", Runs: []Run{{2, 2, Hit}}}, {Path: "C:/w/a.c", Runs: []Run{{1, 1, Miss}}}},
		},
		"one file in several records": {
			"SF:a\nDA:1,0\nDA:2,5\nend_of_record\nSF:b\nend_of_record\nSF:a\nDA:1,1\nDA:2,0\nDA:4,0\nend_of_record\n",
			[]File{{Path: "a", Runs: []Run{{1, 2, Hit}, {4, 4, Miss}}}, {Path: "b"}},
		},
		"checksums; counts that are fractions, exponents, below zero, huge": {
			"SF:a\nDA:1,1,9Bz+/A==\nDA:2,0.5\nDA:3,1e3\nDA:4,-2\nDA:5,0.0\nDA:6,0e9\nDA:7,99999999999999999999999\nDA:0,1\n",
			[]File{{Path: "a", Runs: []Run{{1, 3, Hit}, {4, 6, Miss}, {7, 7, Hit}}}},
		},
		"branches before and after their lines": {
			"SF:a\nBRDA:2,0,0,1\nBRDA:2,0,1,0\nDA:1,1\nDA:2,1\nDA:3,1\nDA:4,0\nDA:5,1\nBRDA:3,0,0,1\nBRDA:4,0,0,-\nBRDA:5,1,1,-\nBRDA:9,0,0,0\nend_of_record\n",
			[]File{{Path: "a", Runs: []Run{{1, 1, Hit}, {2, 2, Partial}, {3, 3, Hit}, {4, 4, Miss}, {5, 5, Partial}}}},
		},
		"branches with commas in the middle": {
			"SF:a\nDA:1,1\nDA:2,1\nBRDA:1,e0,if (f(a, b), c),0\nBRDA:2,0,x,y,7\nend_of_record\n",
			[]File{{Path: "a", Runs: []Run{{1, 1, Partial}, {2, 2, Hit}}}},
		},
		"records of newer versions": {
			"TN:\nSF:a\nVER:1\nFNL:0,1,3\nFNA:0,1,f, g\nMCDC:1,2,t,0,0,a && b\nMCF:1\nDA:1,1\nend_of_record\n",
			[]File{{Path: "a", Runs: []Run{{1, 1, Hit}}}},
		},
	} {
		r, err := Parse("", strings.NewReader(c.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := cmp.Diff(&Report{Format: lcovFormat, Files: c.want}, r); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestLCOVFaultsNameTheirLine(t *testing.T) {
	for text, want := range map[string]string{
		"TN:\nDA:1,1\n":                              "LCOV, line 2: a line before its source file",
		"SF:a\nend_of_record\nBRDA:1,0,0,1\n":        "LCOV, line 3: a line before its source file",
		"SF:a\nDA:1\n":                               "LCOV, line 2: DA:1 has no count",
		"SF:a\nDA:x,1\n":                             `LCOV, line 2: "x" is no line`,
		"SF:a\nDA:-1,1\n":                            `LCOV, line 2: "-1" is no line`,
		"SF:a\nDA:1,many\n":                          `LCOV, line 2: "many" is no count`,
		"SF:a\nDA:1,NaN\n":                           `LCOV, line 2: "NaN" is no count`,
		"SF:a\nDA:2000001,1\n":                       "LCOV, line 2: line 2000001: a line is a number from 1 to 2000000",
		"SF:a\nBRDA:1,1\n":                           "LCOV, line 2: BRDA:1,1 has too few parts",
		"SF:a\nBRDA:1,0,0,yes\n":                     `LCOV, line 2: "yes" is no count`,
		"SF:a\n<html>\n":                             `LCOV, line 2: "<html>" is no record`,
		"TN:\nSF:\n":                                 "LCOV, line 2: a file without a name",
		"SF:a\n\nTN:" + strings.Repeat("x", maxText): "LCOV, line 3: a line of more than 1048576 bytes",
	} {
		r, err := Parse("", strings.NewReader(text))
		if r != nil || err == nil || err.Error() != want {
			t.Errorf("%.60q: %v, want %s", text, err, want)
		}
	}
}

// BenchmarkLCOV reads 30 MB.
func BenchmarkLCOV(b *testing.B) {
	text := bigLCOV(30 << 20)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("lcov.info", strings.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}
