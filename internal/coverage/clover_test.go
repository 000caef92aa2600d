package coverage

import "testing"

func FuzzClover(f *testing.F) {
	for _, s := range []string{
		`<coverage generated="1"><project timestamp="1"><file name="/a.php"><class name="A"><metrics/></class><line num="3" type="method" name="m" count="1"/><line num="5" type="stmt" count="0"/></file><metrics statements="2" coveredstatements="1"/></project></coverage>`,
		`<coverage clover="3.2.0"><project><package name="a"><file name="a.js" path="C:\a.js"><line num="1" count="2" type="cond" truecount="1" falsecount="1"/></file></package></project></coverage>`,
		`<coverage clover="4"><project><package name="a"><file name="A.java" path="/A.java"><line num="1" type="method" count="1"/><line num="1" type="stmt" count="1"/><line num="1" type="cond" truecount="0" falsecount="1"/></file></package></project><testproject><file name="T"/></testproject></coverage>`,
		`<coverage clover="4"><project><metrics statements="3" coveredstatements="1"/></project></coverage>`,
	} {
		f.Add([]byte(s))
	}
	fuzzFormat(f, parseClover)
}

// cloverOf is a project with these elements.
func cloverOf(in string) string {
	return "<coverage generated=\"1\" clover=\"4.5.2\"><project timestamp=\"1\">\n" + in +
		"\n<metrics statements=\"900\" coveredstatements=\"900\"/></project></coverage>"
}

// cloverFile is a project with a file a and these lines.
func cloverFile(lines string) string {
	return cloverOf(`<package name="p"><file name="a">` + lines + `</file></package>`)
}

func TestCloverIsReadAsWritten(t *testing.T) {
	file := func(path string, runs ...Run) Report { return Report{Files: []File{{Path: path, Runs: runs}}} }
	const line1 = `<line num="1" type="stmt" count="1"/>`
	wantReports(t, cloverFormat, map[string]xmlCase{
		"files in the project and in packages; path before name": {
			cloverOf(`<file name="/w/a.php">` + line1 + `</file>` +
				`<package name="x.y"><file name="B.java" path="C:\w\x\y\B.java"><class name="B"><metrics statements="1"/></class>` + line1 + `<metrics/></file>` +
				`<package name="z"><file path="" name="c.php"/></package></package>`),
			Report{Files: []File{
				{Path: "/w/a.php", Runs: []Run{{1, 1, Hit}}},
				{Path: "C:/w/x/y/B.java", Runs: []Run{{1, 1, Hit}}},
				{Path: "c.php"},
			}},
		},
		"the project of tests is left out": {
			cloverOf(`<file name="a">` + line1 + `</file></project><testproject><metrics statements="1"/><package name="p"><file name="t">` +
				`<line num="1" type="stmt" count="1"/></file></package></testproject><project>`),
			file("a", Run{1, 1, Hit}),
		},
		"conditions of OpenClover: how often each way": {
			cloverFile(`<line num="1" type="cond" truecount="1" falsecount="2"/>` +
				`<line num="2" type="cond" truecount="0" falsecount="2"/>` +
				`<line num="3" type="cond" truecount="5" falsecount="0"/>` +
				`<line num="4" type="cond" truecount="0" falsecount="0"/>`),
			file("a", Run{1, 1, Hit}, Run{2, 3, Partial}, Run{4, 4, Miss}),
		},
		"conditions of Istanbul: how many were taken and how many not": {
			cloverFile(`<line num="1" count="3" type="cond" truecount="2" falsecount="0"/>` +
				`<line num="2" count="3" type="cond" truecount="1" falsecount="1"/>` +
				`<line num="3" count="0" type="cond" truecount="0" falsecount="2"/>` +
				`<line num="4" count="3" type="cond" truecount="0" falsecount="2"/>`),
			file("a", Run{1, 1, Hit}, Run{2, 2, Partial}, Run{3, 3, Miss}, Run{4, 4, Partial}),
		},
		"several things on one line": {
			cloverFile(`<line num="1" type="stmt" count="0"/><line num="1" type="stmt" count="2"/>` +
				`<line num="2" type="stmt" count="2"/><line num="2" type="cond" truecount="1" falsecount="0"/>` +
				`<line num="3" type="cond" truecount="1" falsecount="0"/><line num="3" type="stmt" count="0"/>` +
				`<line num="4" type="stmt" count="0"/><line num="4" type="cond" truecount="0" falsecount="0"/>`),
			file("a", Run{1, 1, Hit}, Run{2, 3, Partial}, Run{4, 4, Miss}),
		},
		"where a method begins is no line": {
			cloverFile(`<line num="1" type="method" count="0"/><line num="2" type="stmt" count="0"/>` +
				`<line num="4" type="method" count="1"/><line num="4" type="stmt" count="1"/>` +
				`<line num="5" type="stmt" count="1"/><line num="5" type="method" count="0"/><line num="7" type="method" count="1"/>` +
				`<line num="8" type="stmt" count="0"/>`),
			file("a", Run{2, 2, Miss}, Run{4, 5, Hit}, Run{8, 8, Miss}),
		},
		"a method without statements of its own is one": {
			cloverFile(`<line num="1" type="method" count="0"/><line num="2" type="method" count="3"/>` +
				`<line num="3" type="method" count="0"/><line num="3" type="method" count="1"/><line num="9" type="method" count="0"/>`),
			file("a", Run{1, 1, Miss}, Run{2, 3, Hit}, Run{9, 9, Miss}),
		},
		"the same file and line again, far apart": {
			cloverOf(`<file name="a">` + line1 + `<line num="5" type="stmt" count="0"/><line num="1" type="stmt" count="0"/></file>` +
				`<file name="a"><line num="5" type="stmt" count="1e2"/></file>`),
			file("a", Run{1, 1, Hit}, Run{5, 5, Hit}),
		},
		"line 0 is nowhere; a kind that is not known is a statement": {
			cloverFile(`<line num="0" type="stmt" count="1"/><line num="2" count="0"/><line num="3" type="x" count="1"/>`),
			file("a", Run{2, 2, Miss}, Run{3, 3, Hit}),
		},
	})
}

func TestCloverFaultsNameTheirLine(t *testing.T) {
	wantFaults(t, parseClover, map[string]string{
		cloverFile(`<line type="stmt" count="1"/>`):                                                            "Clover, line 2: <line> without num",
		cloverFile(`<line num="1" type="stmt"/>`):                                                              "Clover, line 2: <line> without count",
		cloverFile(`<line num="-5" type="stmt" count="1"/>`):                                                   `Clover, line 2: num="-5" is no line`,
		cloverFile(`<line num="9999999999" type="stmt" count="1"/>`):                                           "Clover, line 2: lines 9999999999 to 9999999999: a line is a number from 1 to 2000000",
		cloverFile(`<line num="1" type="stmt" count="yes"/>`):                                                  `Clover, line 2: count="yes" is no count`,
		cloverFile(`<line num="1" type="cond" falsecount="1"/>`):                                               "Clover, line 2: <line> without truecount",
		cloverFile(`<line num="1" type="cond" truecount="1" falsecount="+"/>`):                                 `Clover, line 2: falsecount="+" is no count`,
		cloverFile(`<file name="b"/>`):                                                                         "Clover, line 2: a file within a file",
		cloverOf(`<file/>`):                                                                                    "Clover, line 2: a file without a name",
		cloverOf(`<line num="1" type="stmt" count="1"/>`):                                                      "Clover, line 2: a line without a file",
		"<coverage clover='1'><project>\n<metrics statements='1' coveredstatements='x'/></project></coverage>": "Clover, line 2: the totals make no sense, and there are no lines",
	})
}
