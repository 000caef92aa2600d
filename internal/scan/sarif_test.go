package scan

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/handrail-bot/handrail/checks"
)

// sarifOf is a report of one run, whose members these are.
func sarifOf(members ...string) string {
	return `{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{` + strings.Join(members, ",") + `}]}`
}

const oneTool = `"tool":{"driver":{"name":"X","rules":[{"id":"r1","helpUri":"https://x.test/r1","shortDescription":{"text":"about r1"},"defaultConfiguration":{"level":"note"},"properties":{"security-severity":"7.5"},"messageStrings":{"default":{"text":"{0} is not {1}, {0}"}}},{"id":"r2"}]},` +
	`"extensions":[{"name":"E0","rules":[{"id":"e0","defaultConfiguration":{"level":"error"}}]},{"name":"E1","rules":[{"id":"r1","helpUri":"https://x.test/e1","properties":{"security-severity":4}},{"id":"e/deep"}]}]}`

// findingTold is what matters of it in one line.
func findingTold(e entry) string {
	out := fmt.Sprintf("%s %s %s:%d-%d %s %q", e.tool, e.rule, e.path, e.line, e.end, e.level, e.text)
	if e.severity.rated {
		out += fmt.Sprintf(" %d", e.severity.tenths)
	}
	if e.url != "" {
		out += " " + e.url
	}
	if !e.known {
		out += " unknown"
	}
	return out
}

func findingsOf(t *testing.T, text string, files ...string) ([]string, checks.Findings) {
	t.Helper()
	tree := checks.Tree{Files: map[string]string{}}
	for _, f := range files {
		tree.Files[f] = "blob"
	}
	all, got := reported(t, tree, checks.ReportSource{Name: "x.sarif", Data: []byte(text)})
	var out []string
	for _, e := range all {
		out = append(out, findingTold(e))
	}
	return out, got
}

func TestAResultIsReadHoweverItsToolWritesIt(t *testing.T) {
	const here = `"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a.go"},"region":{"startLine":3,"endLine":4}}}]`
	const m = `"message":{"text":"m"}`
	for name, c := range map[string]struct{ result, want string }{
		"plain":                           {`"ruleId":"r9","level":"error",` + m + `,` + here, `X r9 a.go:3-4 error "m"`},
		"level by the rule":               {`"ruleId":"r1",` + m + `,` + here, `X r1 a.go:3-4 note "m" 75 https://x.test/r1`},
		"no level at all":                 {`"ruleId":"r2",` + m + `,` + here, `X r2 a.go:3-4 warning "m"`},
		"a level that is none":            {`"ruleId":"r1","level":"critical",` + m + `,` + here, `X r1 a.go:3-4  "m" 75 https://x.test/r1`},
		"rule by ruleIndex":               {`"ruleIndex":0,` + m + `,` + here, `X r1 a.go:3-4 note "m" 75 https://x.test/r1`},
		"rule by rule.index":              {`"rule":{"index":1},` + m + `,` + here, `X r2 a.go:3-4 warning "m"`},
		"rule by rule.id":                 {`"rule":{"id":"r1"},` + m + `,` + here, `X r1 a.go:3-4 note "m" 75 https://x.test/r1`},
		"rule of an extension":            {`"rule":{"index":0,"toolComponent":{"index":0}},` + m + `,` + here, `X e0 a.go:3-4 error "m"`},
		"rule of an extension by name":    {`"rule":{"id":"r1","toolComponent":{"name":"E1"}},` + m + `,` + here, `X r1 a.go:3-4 warning "m" 40 https://x.test/e1`},
		"rule that only an extension has": {`"ruleId":"e0",` + m + `,` + here, `X e0 a.go:3-4 error "m"`},
		"a part of a rule":                {`"ruleId":"r1/sub/x","ruleIndex":0,` + m + `,` + here, `X r1/sub/x a.go:3-4 note "m" 75 https://x.test/r1`},
		"a part of a rule, by id":         {`"ruleId":"r1/sub",` + m + `,` + here, `X r1/sub a.go:3-4 note "m" 75 https://x.test/r1`},
		"id and index that disagree":      {`"ruleId":"r1","ruleIndex":1,` + m + `,` + here, `X r1 a.go:3-4 note "m" 75 https://x.test/r1`},
		"index beyond the rules":          {`"ruleId":"r2","ruleIndex":70,` + m + `,` + here, `X r2 a.go:3-4 warning "m"`},
		"no rule":                         {m + `,` + here, `X unnamed rule a.go:3-4 warning "m"`},
		"index -1":                        {`"ruleIndex":-1,` + m + `,` + here, `X unnamed rule a.go:3-4 warning "m"`},
		"its own severity":                {`"ruleId":"r1","properties":{"security-severity":9.84},` + m + `,` + here, `X r1 a.go:3-4 note "m" 98 https://x.test/r1`},
		"a severity beyond all":           {`"ruleId":"r2","properties":{"security-severity":"99"},` + m + `,` + here, `X r2 a.go:3-4 warning "m" 100`},
		"a severity that is none":         {`"ruleId":"r2","properties":{"security-severity":"NaN"},` + m + `,` + here, `X r2 a.go:3-4 warning "m"`},
		"a severity below all":            {`"ruleId":"r2","properties":{"security-severity":-1},` + m + `,` + here, `X r2 a.go:3-4 warning "m"`},
		"message in Markdown":             {`"ruleId":"r2","message":{"markdown":"*m*"},` + here, `X r2 a.go:3-4 warning "*m*"`},
		"message of the rule":             {`"ruleId":"r1","message":{"id":"default","arguments":["a","b"]},` + here, `X r1 a.go:3-4 note "a is not b, {0}" 75 https://x.test/r1`},
		"no message":                      {`"ruleId":"r1",` + here, `X r1 a.go:3-4 note "about r1" 75 https://x.test/r1`},
		"message of many lines":           {`"ruleId":"r2","message":{"text":" a\n\tb\u0000\u200bc\u202e "},` + here, `X r2 a.go:3-4 warning "a b c"`},
		"open":                            {`"ruleId":"r2","kind":"open","level":"none",` + m + `,` + here, `X r2 a.go:3-4  "m"`},
		"review":                          {`"ruleId":"r2","kind":"review",` + m + `,` + here, `X r2 a.go:3-4  "m"`},
		"fail":                            {`"ruleId":"r2","kind":"fail",` + m + `,` + here, `X r2 a.go:3-4 warning "m"`},
		"pass":                            {`"ruleId":"r2","kind":"pass",` + m + `,` + here, ``},
		"not applicable":                  {`"ruleId":"r2","kind":"notApplicable",` + m + `,` + here, ``},
		"informational":                   {`"ruleId":"r2","kind":"informational",` + m + `,` + here, ``},
		"suppressed in the source":        {`"ruleId":"r2","suppressions":[{"kind":"inSource","status":"accepted"}],` + m + `,` + here, `X r2 a.go:3-4 warning "m"`},
		"suppressed elsewhere":            {`"ruleId":"r2","suppressions":[{"kind":"external"}],` + m + `,` + here, `X r2 a.go:3-4 warning "m"`},
		"unchanged by its own account":    {`"ruleId":"r2","baselineState":"unchanged",` + m + `,` + here, `X r2 a.go:3-4 warning "m"`},
		"absent by its own account":       {`"ruleId":"r2","baselineState":"absent",` + m + `,` + here, `X r2 a.go:3-4 warning "m"`},
		"no place":                        {`"ruleId":"r2",` + m, `X r2 :0-0 warning "m" unknown`},
		"no region":                       {`"ruleId":"r2",` + m + `,"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a.go"}}}]`, `X r2 a.go:0-0 warning "m"`},
		"line 0":                          {`"ruleId":"r2",` + m + `,"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a.go"},"region":{"startLine":0,"endLine":0}}}]`, `X r2 a.go:0-0 warning "m"`},
		"null line":                       {`"ruleId":"r2",` + m + `,"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a.go"},"region":{"startLine":null}}}]`, `X r2 a.go:0-0 warning "m"`},
		"only bytes":                      {`"ruleId":"r2",` + m + `,"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a.go"},"region":{"byteOffset":7}}}]`, `X r2 a.go:0-0 warning "m"`},
		"end before the beginning":        {`"ruleId":"r2",` + m + `,"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a.go"},"region":{"startLine":9,"endLine":2}}}]`, `X r2 a.go:9-9 warning "m"`},
		"a logical place first":           {`"ruleId":"r2",` + m + `,"locations":[{"logicalLocations":[{"name":"f"}]},{"physicalLocation":{"artifactLocation":{"uri":"a.go"},"region":{"startLine":2}}}]`, `X r2 a.go:2-2 warning "m"`},
		"several places":                  {`"ruleId":"r2",` + m + `,"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a.go"},"region":{"startLine":2}}},{"physicalLocation":{"artifactLocation":{"uri":"b.go"},"region":{"startLine":5}}}]`, `X r2 a.go:2-2 warning "m"`},
		"only what was looked at":         {`"ruleId":"r2",` + m + `,"analysisTarget":{"uri":"a.go"}`, `X r2 a.go:0-0 warning "m"`},
		"flows and fixes beside":          {`"ruleId":"r2","codeFlows":[{"threadFlows":[{"locations":[1,{"a":[[]]}]}]}],"relatedLocations":[{"physicalLocation":{"artifactLocation":{"uri":"b.go"}}}],"fixes":null,` + m + `,` + here, `X r2 a.go:3-4 warning "m"`},
		"a rule id that is a number":      {`"ruleId":5,"ruleIndex":1,` + m + `,` + here, `X r2 a.go:3-4 warning "m"`},
		"a scheme that is no web":         {`"ruleIndex":0,` + m + `,` + here, `X r1 a.go:3-4 note "m" 75 https://x.test/r1`},
	} {
		t.Run(name, func(t *testing.T) {
			for order, text := range map[string]string{
				"tool first":    sarifOf(oneTool, `"results":[{`+c.result+`}]`),
				"results first": sarifOf(`"results":[{`+c.result+`}]`, oneTool),
			} {
				got, said := findingsOf(t, text, "a.go", "b.go")
				if strings.Join(got, "\n") != c.want || said.Skipped != 0 || said.Reports[0].Problem != "" {
					t.Errorf("%s: %v, want %s; %+v", order, got, c.want, said)
				}
			}
		})
	}
}

// What makes no sense is counted, so that nobody takes the rest for the whole.
func TestResultsThatMakeNoSenseAreCounted(t *testing.T) {
	const at = `"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a.go"},"region":{"startLine":%s}}}]`
	bad := []string{`1`, `null`, `"x"`, `[]`, `{}`, `{"level":"error"}`, `{"message":{}}`}
	for _, line := range []string{"-1", "1.5", "1e300", `"three"`, "{}", "10000001"} {
		bad = append(bad, `{"ruleId":"r1","message":{"text":"m"},`+fmt.Sprintf(at, line)+`}`)
	}
	good := `{"ruleId":"r2","message":{"text":"m"},` + fmt.Sprintf(at, `"3"`) + `}`
	got, said := findingsOf(t, sarifOf(oneTool, `"results":[`+strings.Join(append(bad, good), ",")+`]`), "a.go")
	if len(got) != 1 || said.Skipped != len(bad) {
		t.Errorf("%d skipped of %d: %v", said.Skipped, len(bad), got)
	}
}

// "Could not scan" is never a clean scan.
func TestARunThatIsNoScanSaysSo(t *testing.T) {
	const result = `{"ruleId":"r1","message":{"text":"m"}}`
	for name, c := range map[string]struct{ members, want string }{
		"clean":                   {`"results":[]`, ""},
		"no results":              {`"columnKind":"x"`, "the run has no list of results"},
		"results null":            {`"results":null`, "the run has no list of results"},
		"results that are none":   {`"results":{}`, "the run has no list of results"},
		"failed":                  {`"results":[],"invocations":[{"executionSuccessful":false}]`, "the tool says that it failed"},
		"failed, and says why":    {`"invocations":[{"exitCodeDescription":"out of\nmemory.","executionSuccessful":false}],"results":[]`, "the tool says that it failed: out of memory"},
		"one of two failed":       {`"results":[` + result + `],"invocations":[{"executionSuccessful":true},{"executionSuccessful":false},{}]`, "the tool says that it failed"},
		"succeeded":               {`"results":[],"invocations":[{"executionSuccessful":true,"toolExecutionNotifications":[{"level":"warning","message":{"text":"slow"}}]}]`, ""},
		"an error and no results": {`"results":[],"invocations":[{"executionSuccessful":true,"toolExecutionNotifications":[{"level":"error","message":{"text":"cannot parse a.go"}}]}]`, "the tool found nothing and reports an error: cannot parse a.go"},
		"settings are wrong":      {`"results":[],"invocations":[{"toolConfigurationNotifications":[{"level":"error"}]}]`, "the tool found nothing and reports an error: an error without a message"},
		"an error beside results": {`"results":[` + result + `],"invocations":[{"executionSuccessful":true,"toolExecutionNotifications":[{"level":"error","message":{"text":"x"}}]}]`, ""},
		"results in other files":  {`"results":[],"externalPropertyFileReferences":{"results":[{"location":{"uri":"x.sarif-external-properties"}}]}`, "parts of the run are in other files, which handrail does not read"},
		"tool in another file":    {`"results":[],"externalPropertyFileReferences":{"driver":{"location":{"uri":"x"}}}`, "parts of the run are in other files, which handrail does not read"},
		"taxonomies elsewhere":    {`"results":[],"externalPropertyFileReferences":{"taxonomies":[{"location":{"uri":"x"}}],"results":[],"driver":null}`, ""},
		"no other files":          {`"results":[],"externalPropertyFileReferences":{}`, ""},
	} {
		_, said := findingsOf(t, sarifOf(oneTool, c.members))
		if len(said.Tools) != 1 || said.Tools[0].Failed != c.want || said.Reports[0].Problem != "" {
			t.Errorf("%s: %+v, want %s", name, said, c.want)
		}
	}
}

func TestAFileThatIsNoSARIFReportIsAProblemInWords(t *testing.T) {
	wide := func(text string) string {
		var out strings.Builder
		for _, u := range utf16.Encode([]rune("\uFEFF" + text)) {
			out.Write([]byte{byte(u), byte(u >> 8)})
		}
		return out.String()
	}
	clean := sarifOf(oneTool, `"results":[]`)
	for name, c := range map[string]struct{ file, text, want string }{
		"clean":               {"x.json", clean, ""},
		"byte order mark":     {"x.json", "\uFEFF" + clean, ""},
		"two runs":            {"x.json", `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"a"}},"results":[]},{"tool":{"driver":{"name":"b"}},"results":[]}]}`, ""},
		"version last":        {"x.json", `{"runs":[{"tool":{},"results":[]}],"version":"2.1.0"}`, ""},
		"UTF-16":              {"x.json", wide(clean), "SARIF: the file is in UTF-16; write it in UTF-8"},
		"UTF-16, by its name": {"x.sarif", wide("{}"), "SARIF: the file is in UTF-16; write it in UTF-8"},
		"UTF-16 of another":   {"x.json", wide("{}"), "it is no SARIF report"},
		"version 2.0.0":       {"x.json", strings.Replace(clean, "2.1.0\",", "2.0.0\",", 1), `SARIF: it is of version "2.0.0"; handrail reads 2.1.0`},
		"version 1.0.0":       {"x.json", `{"version":"1.0.0","runs":[{"tool":{"name":"x"},"files":{},"results":[]}]}`, `SARIF: it is of version "1.0.0"; handrail reads 2.1.0`},
		"no version":          {"x.json", `{"runs":[{"tool":{"driver":{"name":"x"}},"results":[]}]}`, "SARIF: it does not say its version; handrail reads 2.1.0"},
		"no runs":             {"x.sarif", `{"version":"2.1.0"}`, "SARIF: it holds no run of a tool"},
		"empty runs":          {"x.json", `{"version":"2.1.0","runs":[]}`, "SARIF: it holds no run of a tool"},
		"runs null":           {"x.sarif.json", `{"version":"2.1.0","runs":null}`, "SARIF: it holds no run of a tool"},
		"empty":               {"x.sarif", ``, "SARIF, line 1: the file holds no object"},
		"no object":           {"X.SARIF", `[]`, "SARIF, line 1: the file holds no object"},
		"cut":                 {"x.json", clean[:len(clean)-2], "SARIF, line 1: the file ends where a comma or the end should be"},
		"cut at once":         {"x.sarif", "{\n", "SARIF, line 2: the file ends where a string should be"},
		"two documents":       {"x.json", clean + "\n" + clean, "SARIF, line 2: the document goes on after its end"},
		"text before":         {"x.sarif", "warning: x\n" + clean, "SARIF, line 1: the file holds no object"},
		"too deep":            {"x.json", sarifOf(oneTool, `"properties":`+strings.Repeat("[", 70)+strings.Repeat("]", 70)), "SARIF, line 1: more than 64 objects and arrays within each other"},
		"too many results":    {"x.json", sarifOf(oneTool, `"results":[`+strings.Repeat("1,", maxResults)+`1]`), "SARIF, line 1: more than 100000 results"},
		"too many rules":      {"x.json", sarifOf(`"results":[],"tool":{"driver":{"rules":[` + strings.Repeat("{},", maxRules) + `{}]}}`), "SARIF, line 1: more than 50000 rules"},
		"coverage":            {"coverage.json", `{"meta":{"version":"7"},"files":{}}`, "it is no SARIF report"},
		"package.json":        {"package.json", `{"name":"x","version":"2.1.0","scripts":{}}`, "it is no SARIF report"},
		"broken JSON":         {"x.json", `{"a":`, "it is no SARIF report"},
		"an array":            {"x.json", `[]`, "it is no SARIF report"},
	} {
		r := NewReports()
		if err := r.Add(t.Context(), checks.ReportSource{Name: c.file, Data: []byte(c.text)}); err != nil {
			t.Fatal(err)
		}
		_, said, err := r.Done(checks.Tree{})
		if err != nil || len(said.Reports) != 1 || said.Reports[0].Problem != c.want {
			t.Errorf("%s: %+v, %v; want %s", name, said.Reports, err, c.want)
		}
		if strings.HasPrefix(c.want, "SARIF") != (said.Reports[0].Format == sarifFormat && c.want != "") {
			t.Errorf("%s: of format %q", name, said.Reports[0].Format)
		}
	}
}
