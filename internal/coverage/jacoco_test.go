package coverage

import (
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

func FuzzJaCoCo(f *testing.F) {
	for _, s := range []string{
		`<report name="a"><sessioninfo id="b" start="1" dump="2"/><package name="c/d"><sourcefile name="E.java"><line nr="3" mi="0" ci="4" mb="1" cb="1"/><line nr="4" mi="2" ci="0" mb="0" cb="0"/></sourcefile></package></report>`,
		`<report name="a"><group name="g"><package name="p"><sourcefile name="A"><line nr="1" mi="1"/></sourcefile></package></group><group name="h"><group name="i"><package name="p"><sourcefile name="A"><line nr="1" ci="1"/></sourcefile></package></group></group></report>`,
		`<report name="a"><counter type="LINE" missed="1" covered="2"/></report>`,
		`<report name="a"><package name=""><class name="A" sourcefilename="A.java"><method name="m" line="1"/></class><sourcefile name="A.java"><counter type="INSTRUCTION" missed="1" covered="2"/></sourcefile></package></report>`,
	} {
		f.Add([]byte(s))
	}
	fuzzFormat(f, parseJaCoCo)
}

// jacocoFile is a sourcefile with these lines.
func jacocoFile(name, lines string) string {
	return "<sourcefile name='" + name + "'>" + lines + "</sourcefile>"
}

func jacocoPackage(name string, files ...string) string {
	return "<package name='" + name + "'>" + strings.Join(files, "") + "</package>"
}

func jacocoGroup(name string, in ...string) string {
	return "<group name='" + name + "'>" + strings.Join(in, "") + "</group>"
}

func jacocoOf(in ...string) string {
	return "<report name='r'>\n" + strings.Join(in, "\n") + "</report>"
}

const (
	jacocoHit1  = `<line nr="1" mi="0" ci="2" mb="0" cb="0"/>`
	jacocoMiss1 = `<line nr="1" mi="2" ci="0" mb="0" cb="0"/>`
	jacocoHit2  = `<line nr="2" mi="0" ci="2" mb="0" cb="0"/>`
)

func TestJaCoCoIsReadAsWritten(t *testing.T) {
	hit1, miss1, both := []Run{{1, 1, Hit}}, []Run{{1, 1, Miss}}, []Run{{1, 2, Hit}}
	wantReports(t, jacocoFormat, map[string]xmlCase{
		"states of lines": {
			jacocoOf(jacocoPackage("a/b", jacocoFile("C.java", jacocoHit1+
				`<line nr="2" mi="1" ci="2" mb="0" cb="0"/>`+
				`<line nr="3" mi="0" ci="2" mb="1" cb="1"/>`+
				`<line nr="4" mi="3" ci="0" mb="2" cb="0"/>`+
				`<line nr="5" mi="0" ci="0" mb="0" cb="0"/>`+
				`<line nr="6" mi="0" ci="9" mb="0" cb="2"/>`+
				`<line nr="0" mi="0" ci="9" mb="0" cb="0"/>`+
				`<line nr="7" ci="1"/>`))),
			Report{Files: []File{{Path: "a/b/C.java", Runs: []Run{{1, 1, Hit}, {2, 3, Partial}, {4, 4, Miss}, {6, 7, Hit}}}}},
		},
		"default package, classes and counters besides, totals that are wrong": {
			jacocoOf(`<sessioninfo id="a" start="1" dump="2"/>`, jacocoPackage("",
				`<class name="A" sourcefilename="A.kt"><method name="m" desc="()V" line="9"><counter type="LINE" missed="1" covered="0"/></method></class>`,
				jacocoFile("A.kt", jacocoHit1+`<counter type="LINE" missed="0" covered="1"/>`)),
				`<counter type="LINE" missed="5" covered="1"/>`),
			Report{Files: []File{{Path: "A.kt", Runs: hit1}}},
		},
		"groups": {
			jacocoOf(jacocoGroup("core", jacocoPackage("a", jacocoFile("B.java", jacocoHit1))),
				jacocoGroup("apps", jacocoGroup("web", jacocoPackage("a", jacocoFile("C.java", jacocoMiss1))))),
			Report{Files: []File{{Path: "a/B.java", Runs: hit1}, {Path: "a/C.java", Runs: miss1}}},
		},
		"one path in two groups is two files": {
			jacocoOf(jacocoGroup("core", jacocoPackage("a", jacocoFile("B.java", jacocoHit1), jacocoFile("D.java", jacocoHit1))),
				jacocoGroup("apps", jacocoGroup("web", jacocoPackage("a", jacocoFile("B.java", jacocoMiss1))))),
			Report{Files: []File{{Path: "a/D.java", Runs: hit1}, {Path: "apps/web/a/B.java", Runs: miss1}, {Path: "core/a/B.java", Runs: hit1}}},
		},
		"one path in one group, named twice, is one file": {
			jacocoOf(jacocoGroup("core", jacocoPackage("a", jacocoFile("B.java", jacocoMiss1))),
				jacocoGroup("core", jacocoPackage("a", jacocoFile("B.java", jacocoHit1+jacocoHit2)))),
			Report{Files: []File{{Path: "a/B.java", Runs: both}}},
		},
		"one path in a group and in none": {
			jacocoOf(jacocoGroup("core", jacocoPackage("a", jacocoFile("B.java", jacocoMiss1))),
				jacocoPackage("a", jacocoFile("B.java", jacocoHit1))),
			Report{Files: []File{{Path: "a/B.java", Runs: hit1}, {Path: "core/a/B.java", Runs: miss1}}},
		},
		"a file without code, and one whose lines are not known": {
			jacocoOf(jacocoPackage("a", jacocoFile("Marker.java", ""),
				jacocoFile("NoDebug.java", `<counter type="INSTRUCTION" missed="7" covered="0"/>`),
				jacocoFile("B.java", jacocoHit1))),
			Report{Files: []File{{Path: "a/B.java", Runs: hit1}, {Path: "a/Marker.java"}}},
		},
		"lines of branches alone say nothing of lines": {
			jacocoOf(jacocoPackage("", jacocoFile("a.cpp", `<line nr="1"/><line nr="2" mb="1" cb="1"/>`)),
				`<counter type="LINE" missed="1" covered="1"/>`),
			Report{Summary: &checks.Totals{All: 2, Hit: 1}},
		},
		"counters alone": {
			jacocoOf(jacocoPackage("a", `<counter type="LINE" missed="50" covered="50"/>`),
				`<counter type="INSTRUCTION" missed="9" covered="9"/><counter type="LINE" missed="3" covered="4"/>`),
			Report{Summary: &checks.Totals{All: 7, Hit: 4}},
		},
	})
}

func TestJaCoCoFaultsNameTheirLine(t *testing.T) {
	line := func(l string) string { return jacocoOf(jacocoPackage("a", jacocoFile("B.java", l))) }
	wantFaults(t, parseJaCoCo, map[string]string{
		line(`<line mi="0" ci="1"/>`):                                "JaCoCo, line 2: <line> without nr",
		line(`<line nr="-1" mi="0" ci="1"/>`):                        `JaCoCo, line 2: nr="-1" is no line`,
		line(`<line nr="2000001" mi="0" ci="1"/>`):                   "JaCoCo, line 2: lines 2000001 to 2000001: a line is a number from 1 to 2000000",
		line(`<line nr="1" mi="0" ci="-1"/>`):                        `JaCoCo, line 2: ci="-1" is no number`,
		line(`<line nr="1" mi="" ci="1"/>`):                          `JaCoCo, line 2: mi="" is no number`,
		line(`<line nr="1" mi="0" ci="1" cb="x"/>`):                  `JaCoCo, line 2: cb="x" is no number`,
		line(jacocoFile("C.java", "")):                               "JaCoCo, line 2: a file within a file",
		jacocoOf(jacocoHit1):                                         "JaCoCo, line 2: a line without a file",
		jacocoOf(jacocoPackage("a", jacocoFile("", ""))):             "JaCoCo, line 2: <sourcefile> without name",
		jacocoOf(`<counter type="LINE" missed="x" covered="1"/>`):    "JaCoCo, line 2: the totals make no sense, and there are no lines",
		jacocoOf(`<counter type="LINE" missed="1" covered=""/>`):     "JaCoCo, line 2: the totals make no sense, and there are no lines",
		line(`<counter type="INSTRUCTION" missed="7" covered="0"/>`): "JaCoCo, line 2: no file has lines: the code was compiled without debug information",
		"<report>\n<package name='" + strings.Repeat("p", 5000) + "'><sourcefile name='a'/></package></report>": "JaCoCo, line 2: a path of more than 4096 bytes",
	})
}
