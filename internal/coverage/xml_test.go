package coverage

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

// xmlCase is a report in XML, and what is to be read from it.
type xmlCase struct {
	text string
	want Report
}

func wantReports(t *testing.T, format string, cases map[string]xmlCase) {
	t.Helper()
	for name, c := range cases {
		r, err := Parse("report.xml", strings.NewReader(c.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		c.want.Format = format
		if d := cmp.Diff(&c.want, r); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// wantFaults wants the faults that parse finds in texts.
func wantFaults(t *testing.T, parse func(io.Reader) (*Report, error), cases map[string]string) {
	t.Helper()
	for text, want := range cases {
		_, err := parse(strings.NewReader(text))
		if fault := new(FormatError); !errors.As(err, &fault) || err.Error() != want {
			t.Errorf("%.200q:\n got %v\nwant %s", text, err, want)
		}
	}
}

func TestMalformedXMLIsAFaultThatNamesItsLine(t *testing.T) {
	deep := strings.Repeat("<a>", 64)
	wide := "<report>\n<a " + strings.Repeat(`b="" `, 65) + "/></report>"
	long := "<report>\n<a b='" + strings.Repeat("x", 70_000) + "'/></report>"
	const tooLong = "a tag or text of more than 65536 bytes"
	wantFaults(t, parseJaCoCo, map[string]string{
		"":                                 "JaCoCo, line 1: no <report> in the file",
		"<!-- nothing -->\n":               "JaCoCo, line 2: no <report> in the file",
		"<html>\n</html>":                  "JaCoCo, line 1: the outermost element is <html>, not <report>",
		"<report>\n<package name='a'>\n":   "JaCoCo, line 3: the file ends within <package>",
		"<report>\n<package name='a":       "JaCoCo, line 2: unexpected EOF",
		"<report>\n<package>\n</report>":   "JaCoCo, line 3: </report> where <package> should end",
		"<report>\n</report>\n</report>":   "JaCoCo, line 3: </report> ends nothing",
		"<report/>\n<report/>":             "JaCoCo, line 2: <report> after the end of <report>",
		"<report/>\nmore":                  "JaCoCo, line 2: text outside of <report>",
		"<report>\n<package name=a/>":      "JaCoCo, line 2: unquoted or missing attribute value in element",
		"<report>\n<a b='&aacute;'/>":      "JaCoCo, line 2: invalid character entity &aacute;",
		"<report>\n<a b='\xff'/></report>": "JaCoCo, line 2: invalid UTF-8",
		"<report>\n" + deep:                "JaCoCo, line 2: more than 64 elements within each other",
		wide:                               "JaCoCo, line 2: <a> has more than 64 attributes",
		long:                               "JaCoCo, line 2: " + tooLong,
		"<report>\n" + strings.Repeat(" ", 70_000):    "JaCoCo, line 2: " + tooLong,
		"<!--" + strings.Repeat("x", 70_000) + "-->":  "JaCoCo, line 1: " + tooLong,
		"<!DOCTYPE " + strings.Repeat("x", 70_000):    "JaCoCo, line 1: " + tooLong,
		"<?xml version='1.0' encoding='UTF-16'?><a/>": `JaCoCo, line 1: opening charset "UTF-16": only UTF-8, ASCII and ISO-8859-1 are read`,
		"<?xml version='1.1'?><report/>":              `JaCoCo, line 1: unsupported version "1.1"; only version 1.0 is supported`,
	})
}

// An entity that a report declares is not expanded, whatever it is.
func TestNoEntityIsExpanded(t *testing.T) {
	for _, declared := range []string{
		`<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">`,
		`<!ENTITY b SYSTEM "file:///etc/passwd">`,
	} {
		text := "<!DOCTYPE coverage [" + declared + "]>\n<coverage line-rate='1'><sources><source>&b;</source></sources></coverage>"
		r, err := Parse("", strings.NewReader(text))
		if err == nil || err.Error() != "Cobertura, line 2: invalid character entity &b;" {
			t.Errorf("%s: %+v, %v", declared, r, err)
		}
	}
}

func TestXMLCharactersAreDecoded(t *testing.T) {
	const body = "<coverage line-rate='1'><sources><source> /a&amp;b<![CDATA[<]]><!-- -->c </source></sources>" +
		"<class filename='&#x64;&lt;\xe9.py'><lines><line number='1' hits='1'/></lines></class></coverage>"
	want := Report{
		Format: coberturaFormat, Roots: []string{"/a&b<c"},
		Files: []File{{Path: "d<é.py", Runs: []Run{{1, 1, Hit}}}},
	}
	for _, text := range []string{
		"<?xml version='1.0' encoding='ISO-8859-1'?>" + body,
		"<?xml version='1.0' encoding='us-ascii'?>" + strings.ReplaceAll(body, "\xe9", "&#233;"),
		"\uFEFF<?xml version='1.0' encoding='Utf-8'?>\r\n" + strings.ReplaceAll(body, "\xe9", "é"),
	} {
		r, err := Parse("", strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if d := cmp.Diff(&want, r); d != "" {
			t.Errorf("%s: %s", text, d)
		}
	}
}

func TestXMLThatIsNoCoverageIsNotClaimed(t *testing.T) {
	for _, text := range []string{
		`<!DOCTYPE html><html><head><title>coverage report</title></head><body><report></report></body></html>`,
		`<?xml version="1.0"?><testsuites><testsuite name="coverage" tests="1"><testcase name="a"/></testsuite></testsuites>`,
		`<?xml version="1.0"?><checkstyle version="8"><file name="a.java"><error line="1" message="x"/></file></checkstyle>`,
		`<coverage version="1"><file path="a.go"><lineToCover lineNumber="1" covered="true"/></file></coverage>`,
		`<report><stats><packages value="1"/></stats></report>`,
		`<report/>`, `<coverage/>`, `<coverage`, `<`, `{"coverage": "<coverage line-rate='1'>"}`,
		"a text about <coverage line-rate='1'>",
	} {
		if r, err := Parse("coverage.xml", strings.NewReader(text)); !errors.Is(err, ErrNotReport) {
			t.Errorf("%s: %+v, %v", text, r, err)
		}
	}
}

func TestXMLIsKnownByWhatItHolds(t *testing.T) {
	for text, want := range map[string]string{
		`<!-- made --><coverage branch-rate="1" line-rate="0.5" version="6"/>`:                    coberturaFormat,
		"<!DOCTYPE coverage SYSTEM 'x.dtd'>\n<coverage>\n<sources/><packages/></coverage>":        coberturaFormat,
		`<coverage><packages/></coverage>`:                                                        coberturaFormat,
		`<coverage generated="1"><project timestamp="1"><metrics/></project></coverage>`:          cloverFormat,
		`<coverage clover="4.5.2" generated="1"/>`:                                                cloverFormat,
		`<coverage generated="1"><testproject/></coverage>`:                                       cloverFormat,
		`<!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"><report name="x"/>`: jacocoFormat,
		`<report name="Intellij Coverage Report"><package name="a"/></report>`:                    jacocoFormat,
		`<report name="x"><sessioninfo id="a" start="1" dump="2"/></report>`:                      jacocoFormat,
	} {
		r, err := Parse("x", strings.NewReader(text))
		if err != nil || r.Format != want {
			t.Errorf("%s: %+v, %v", text, r, err)
		}
	}
}

func TestXMLReadersErrorIsNotTakenForAFault(t *testing.T) {
	broken := errors.New("connection reset")
	for _, text := range []string{"", "<report>", "<report><package name='", "<report>text", "<report/>"} {
		_, err := parseJaCoCo(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)))
		if !errors.Is(err, broken) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Totals are no files: a file that the report names only beside its totals is
// not measured.
func TestTotalsAreUsedOnlyWhereThereAreNoLines(t *testing.T) {
	for text, want := range map[string]*checks.Totals{
		`<coverage line-rate="0.5" lines-valid="10" lines-covered="5"><class filename="a"/></coverage>`:                                                                            {All: 10, Hit: 5},
		`<report name="x"><package name="a"><sourcefile name="b"/></package><counter type="BRANCH" missed="1" covered="1"/><counter type="LINE" missed="7" covered="3"/></report>`: {All: 10, Hit: 3},
		`<coverage clover="1"><project><file name="a"/><metrics statements="4" coveredstatements="4"/></project></coverage>`:                                                       {All: 4, Hit: 4},
		`<coverage clover="1"><project><metrics statements="0" coveredstatements="0"/></project></coverage>`:                                                                       nil,
		`<coverage line-rate="0.5"/>`: nil,
	} {
		r, err := Parse("", strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if d := cmp.Diff(want, r.Summary); d != "" || len(r.Files) > 0 {
			t.Errorf("%s: %d files; %s", text, len(r.Files), d)
		}
	}
}

// bigJaCoCo is a report of about so many bytes, with all that JaCoCo writes.
func bigJaCoCo(size int) string {
	rnd := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"><report name="big"><sessioninfo id="runner-1" start="1" dump="2"/>`)
	for n := 0; b.Len() < size; n++ {
		fmt.Fprintf(&b, `<package name="com/example/part%d">`, n)
		for c := range 20 {
			bigJaCoCoClass(&b, rnd, fmt.Sprintf("Class%d", c), n)
		}
		b.WriteString(`<counter type="LINE" missed="1" covered="2"/></package>`)
	}
	b.WriteString("</report>")
	return b.String()
}

func bigJaCoCoClass(b *strings.Builder, rnd *rand.Rand, name string, pkg int) {
	fmt.Fprintf(b, `<class name="com/example/part%d/%s" sourcefilename="%s.java">`, pkg, name, name)
	for m := range 8 {
		fmt.Fprintf(b, `<method name="method%d" desc="(Ljava/lang/String;)V" line="%d"><counter type="INSTRUCTION" missed="3" covered="7"/><counter type="LINE" missed="1" covered="2"/></method>`, m, 10*m)
	}
	fmt.Fprintf(b, `</class><sourcefile name="%s.java">`, name)
	for line := 1; line < 200; line += 1 + rnd.IntN(2) {
		fmt.Fprintf(b, `<line nr="%d" mi="%d" ci="%d" mb="%d" cb="0"/>`, line, rnd.IntN(2), rnd.IntN(5), rnd.IntN(2))
	}
	b.WriteString(`<counter type="INSTRUCTION" missed="30" covered="70"/></sourcefile>`)
}

// bigCobertura is a report of about so many bytes, as coverage.py writes it.
func bigCobertura(size int) string {
	rnd := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" ?><coverage version="7" line-rate="0.9" branch-rate="0"><sources><source>/repo</source></sources><packages>`)
	for n := 0; b.Len() < size; n++ {
		fmt.Fprintf(&b, "<package name=\"p%d\"><classes>\n<class name=\"m.py\" filename=\"src/p%d/m.py\" line-rate=\"1\">\n<methods/>\n<lines>\n", n, n)
		for line := 1; line < 300; line += 1 + rnd.IntN(2) {
			fmt.Fprintf(&b, "\t\t\t\t\t\t<line number=\"%d\" hits=\"%d\" branch=\"true\" condition-coverage=\"50%% (1/2)\"/>\n", line, rnd.IntN(3))
		}
		b.WriteString("</lines>\n</class>\n</classes></package>\n")
	}
	b.WriteString("</packages></coverage>")
	return b.String()
}

func BenchmarkJaCoCo(b *testing.B)    { benchmarkXML(b, bigJaCoCo(30<<20), parseJaCoCo) }
func BenchmarkCobertura(b *testing.B) { benchmarkXML(b, bigCobertura(30<<20), parseCobertura) }

func benchmarkXML(b *testing.B, text string, parse func(io.Reader) (*Report, error)) {
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parse(strings.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}

// A report in XML may cost four times its result while it is read, buffers
// aside.
func TestReadingXMLTakesLittleMoreThanTheResult(t *testing.T) {
	for _, text := range []string{bigJaCoCo(8 << 20), bigCobertura(8 << 20)} {
		base := live()
		peak := base
		in := &watched{Reader: strings.NewReader(text), every: 64, see: func() { peak = max(peak, live()) }}
		r, err := Parse("", in)
		if err != nil {
			t.Fatal(err)
		}
		result := live() - base
		t.Logf("%s: result %d KB, peak %d KB", r.Format, result>>10, (peak-base)>>10)
		if buffers := uint64(1 << 20); peak-base > 4*result+buffers {
			t.Errorf("%s: %d bytes at the worst for a result of %d", r.Format, peak-base, result)
		}
		runtime.KeepAlive(r)
		runtime.KeepAlive(text)
	}
}

// Few bytes could name many long paths, by a package's or a group's long name.
func TestLongNamesOfPackagesFillNoMemory(t *testing.T) {
	text := new(bytes.Buffer)
	fmt.Fprintf(text, "<report><package name='%s'>\n", strings.Repeat("p", 4000))
	for n := range 100_000 {
		fmt.Fprintf(text, "<sourcefile name='%d'/>\n", n)
	}
	text.WriteString("</package></report>")
	before := allocated()
	_, err := parseJaCoCo(bytes.NewReader(text.Bytes()))
	if err == nil || !strings.HasSuffix(err.Error(), "names of packages and groups are too long") {
		t.Error(err)
	}
	wantModest(t, allocated()-before, text.Len())
}
