package coverage

import (
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

// coberturaOf is a report with these classes.
func coberturaOf(classes string) string {
	return "<?xml version=\"1.0\" ?>\n<coverage line-rate=\"0.5\" lines-valid=\"900\" lines-covered=\"900\">\n" +
		"<packages><package><classes>\n" + classes + "\n</classes></package></packages></coverage>\n"
}

// coberturaLines is a report with a file a and these lines.
func coberturaLines(lines string) string {
	return coberturaOf("<class filename=\"a\"><lines>\n" + lines + "</lines></class>")
}

func FuzzCobertura(f *testing.F) {
	for _, s := range []string{
		`<coverage line-rate="1" lines-valid="3" lines-covered="2"><sources><source>/a</source></sources></coverage>`,
		coberturaLines(`<line number="1" hits="1"/><line number="2" hits="1e3" branch="true" condition-coverage="50% (1/2)"/>`),
		coberturaOf(`<class filename="a"><methods><method name="m"><lines><line number="3" hits="0"/></lines></method></methods><lines/></class>`),
		coberturaOf(`<class filename="C:\a"><lines><line number="0" hits="1.0"/><line number="9" hits="1" branch="true"><conditions><condition number="0" coverage="0"/></conditions></line></lines></class><class filename=""/>`),
		"<?xml version='1.0' encoding='latin1'?><!DOCTYPE coverage [<!ENTITY a 'b'>]><coverage><!-- c --><source><![CDATA[\xe9]]></source>&amp;</coverage>",
	} {
		f.Add([]byte(s))
	}
	fuzzFormat(f, parseCobertura)
}

func TestCoberturaIsReadAsWritten(t *testing.T) {
	file := func(path string, runs ...Run) Report { return Report{Files: []File{{Path: path, Runs: runs}}} }
	wantReports(t, coberturaFormat, map[string]xmlCase{
		"totals are not believed": {
			coberturaLines(`<line number="1" hits="3"/><line number="2" hits="0"/>`),
			file("a", Run{1, 1, Hit}, Run{2, 2, Miss}),
		},
		"no lines, no files: totals": {
			"<coverage line-rate=\"0.5\" lines-valid=\"10\" lines-covered=\"5\"/>",
			Report{Summary: &checks.Totals{All: 10, Hit: 5}},
		},
		"a file without lines, beside one with": {
			coberturaOf(`<class filename="pkg/__init__.py"><methods/><lines/></class><class filename="a"><lines><line number="1" hits="1"/></lines></class>`),
			Report{Files: []File{{Path: "a", Runs: []Run{{1, 1, Hit}}}, {Path: "pkg/__init__.py"}}},
		},
		"a class without file and lines": {
			coberturaOf(`<class name="I" filename=""><methods/><lines/></class><class name="J"/><class filename="a"><lines><line number="1" hits="1"/></lines></class>`),
			file("a", Run{1, 1, Hit}),
		},
		"one file in several classes, nested and template": {
			coberturaOf(`<class filename="a"><lines><line number="1" hits="0"/><line number="2" hits="4"/></lines></class>` +
				`<class filename="b"><lines/></class>` +
				`<class filename="a"><lines><line number="1" hits="2"/><line number="2" hits="0"/><line number="7" hits="0"/></lines></class>`),
			Report{Files: []File{{Path: "a", Runs: []Run{{1, 2, Hit}, {7, 7, Miss}}}, {Path: "b"}}},
		},
		"lines only under methods": {
			coberturaOf(`<class filename="a"><methods><method name="f"><lines><line number="4" hits="1"/></lines></method>` +
				`<method name="g"><lines><line number="8" hits="0"/><line number="4" hits="0"/></lines></method></methods><lines></lines></class>`),
			file("a", Run{4, 4, Hit}, Run{8, 8, Miss}),
		},
		"lines of methods are not added to a class's own": {
			coberturaOf(`<class filename="a"><methods><method name="f"><lines><line number="4" hits="0"/></lines></method></methods>` +
				`<lines><line number="5" hits="1"/></lines></class>`),
			file("a", Run{5, 5, Hit}),
		},
		"methods behind the class's own lines": {
			coberturaOf(`<class filename="a"><lines><line number="5" hits="1"/></lines>` +
				`<methods><method name="f"><lines><line number="4" hits="0"/></lines></method></methods></class>`),
			file("a", Run{5, 5, Hit}),
		},
		"counts that are fractions, exponents, huge, below zero": {
			coberturaLines(`<line number="1" hits="1.0"/><line number="2" hits="1.5E+10"/><line number="3" hits="18446744073709551616"/>` +
				`<line number="4" hits="0.0"/><line number="5" hits="0e3"/><line number="6" hits=" 2 "/><line number="7" hits="-9"/>`),
			file("a", Run{1, 3, Hit}, Run{4, 5, Miss}, Run{6, 6, Hit}, Run{7, 7, Miss}),
		},
		"branches": {
			coberturaLines(`<line number="1" hits="1" branch="true" condition-coverage="50% (1/2)"/>` +
				`<line number="2" hits="1" branch="true" condition-coverage="100% (2/2)"/>` +
				`<line number="3" hits="0" branch="true" condition-coverage="0% (0/2)"/>` +
				`<line number="4" hits="1" branch="false" condition-coverage="0%"/>` +
				`<line number="5" hits="1" branch="true" condition-coverage="66,67%"/>` +
				`<line number="6" hits="1" branch="True" condition-coverage="100%"/>` +
				`<line number="7" hits="1" branch="true" condition-coverage="NaN% (0/0)"/>` +
				`<line number="8" hits="1" branch="true" condition-coverage="99.99999999% (9999/10000)"/>` +
				`<line number="9" hits="1" branch="true"/>` +
				`<line number="10" hits="1" branch="true" condition-coverage="0% (0/2)" missing-branches="exit"/>`),
			file("a", Run{1, 1, Partial}, Run{2, 2, Hit}, Run{3, 3, Miss}, Run{4, 4, Hit}, Run{5, 5, Partial},
				Run{6, 7, Hit}, Run{8, 8, Partial}, Run{9, 9, Hit}, Run{10, 10, Partial}),
		},
		"conditions instead of a share": {
			coberturaLines(`<line number="1" hits="1" branch="true"><conditions><condition number="0" type="jump" coverage="0"/><condition coverage="1"/></conditions></line>` +
				`<line number="2" hits="1" branch="true"><conditions><condition coverage="1"/></conditions></line>` +
				`<line number="3" hits="1" branch="true"><conditions><condition coverage="100%"/><condition coverage="50%"/><condition coverage="100%"/></conditions></line>` +
				`<line number="4" hits="1" branch="true" condition-coverage="100% (2/2)"><conditions><condition coverage="50%"/></conditions></line>`),
			file("a", Run{1, 1, Partial}, Run{2, 2, Hit}, Run{3, 3, Partial}, Run{4, 4, Hit}),
		},
		"line 0 and .NET's hidden line are nowhere": {
			coberturaLines(`<line number="0" hits="0"/><line number="16707566" hits="0"/><line number="1" hits="1"/>`),
			file("a", Run{1, 1, Hit}),
		},
		"the same line twice": {
			coberturaLines(`<line number="3" hits="1"/><line number="3" hits="0"/><line number="2" hits="0"/><line number="3" hits="0"/>`),
			file("a", Run{2, 2, Miss}, Run{3, 3, Hit}),
		},
		"Windows paths and source directories": {
			"\uFEFF<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<coverage line-rate=\"0\">\r\n<sources>\r\n<source>C:\\w\\repo\\</source>\r\n<source>\r\n  /b\r\n</source><source/><source>/b</source></sources>\r\n" +
				"<packages><package name=\"x\"><classes><class filename=\"src\\A.cs\"><lines><line number=\"1\" hits=\"1\"/></lines></class></classes></package></packages></coverage>\r\n",
			Report{Roots: []string{"C:/w/repo/", "/b"}, Files: []File{{Path: "src/A.cs", Runs: []Run{{1, 1, Hit}}}}},
		},
		"without packages and classes around, as kcov and old tools have it; namespace": {
			`<c:coverage xmlns:c="x" line-rate="1"><c:class filename="a.sh"><c:lines><c:line number="1" hits="1"/></c:lines></c:class></c:coverage>`,
			file("a.sh", Run{1, 1, Hit}),
		},
	})
}

func TestCoberturaFaultsNameTheirLine(t *testing.T) {
	line := func(l string) string { return coberturaLines(l + "\n") }
	wantFaults(t, parseCobertura, map[string]string{
		line(`<line hits="1"/>`):                                                                                "Cobertura, line 5: <line> without number",
		line(`<line number="1"/>`):                                                                              "Cobertura, line 5: <line> without hits",
		line(`<line number="-1" hits="1"/>`):                                                                    `Cobertura, line 5: number="-1" is no line`,
		line(`<line number="" hits="1"/>`):                                                                      `Cobertura, line 5: number="" is no line`,
		line(`<line number="1.5" hits="1"/>`):                                                                   `Cobertura, line 5: number="1.5" is no line`,
		line(`<line number="2000001" hits="1"/>`):                                                               "Cobertura, line 5: lines 2000001 to 2000001: a line is a number from 1 to 2000000",
		line(`<line number="1" hits="many"/>`):                                                                  `Cobertura, line 5: hits="many" is no count`,
		line(`<line number="1" hits="NaN"/>`):                                                                   `Cobertura, line 5: hits="NaN" is no count`,
		line(`<line number="1" hits="0x1"/>`):                                                                   `Cobertura, line 5: hits="0x1" is no count`,
		line(`<line number="1" hits=""/>`):                                                                      `Cobertura, line 5: hits="" is no count`,
		line(`<line number="1" hits="1" condition-coverage="half"/>`):                                           `Cobertura, line 5: condition-coverage="half" is no share`,
		line(`<line number="1" hits="1" condition-coverage="50% (1-2)"/>`):                                      `Cobertura, line 5: condition-coverage="50% (1-2)" is no share`,
		line(`<line number="1" hits="1"><condition coverage="x%"/></line>`):                                     `Cobertura, line 5: coverage="x%" is no share`,
		line(`<line number="1" hits="1"><condition coverage="x"/></line>`):                                      `Cobertura, line 5: coverage="x" is no count`,
		coberturaOf(`<class><lines><line number="1" hits="1"/></lines></class>`):                                "Cobertura, line 4: a line without a file",
		coberturaOf(`<line number="1" hits="1"/>`):                                                              "Cobertura, line 4: a line without a file",
		coberturaOf(`<class filename="a"><class filename="b"/></class>`):                                        "Cobertura, line 4: a class within a class",
		coberturaOf(`<class filename="` + strings.Repeat("a", 5000) + `"/>`):                                    "Cobertura, line 4: a path of more than 4096 bytes",
		"<coverage>\n" + strings.Repeat("<source>a</source>", 1001) + "</coverage>":                             "Cobertura, line 2: more than 1000 sources, or one of more than 4096 bytes",
		"<coverage>\n<source>" + strings.Repeat("a", 5000) + "</source></coverage>":                             "Cobertura, line 2: more than 1000 sources, or one of more than 4096 bytes",
		"<coverage line-rate='1'\n lines-valid='1' lines-covered='2'>\n</coverage>":                             "Cobertura, line 2: the totals make no sense, and there are no lines",
		"<coverage line-rate='1'\n lines-valid='-1' lines-covered='-2'>\n</coverage>":                           "Cobertura, line 2: the totals make no sense, and there are no lines",
		strings.TrimSuffix(coberturaLines(`<line number="1" hits="1"/>`), "</package></packages></coverage>\n"): "Cobertura, line 6: the file ends within <package>",
	})
}
