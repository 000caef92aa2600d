package scan

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

func TestFilesOfResultsAreFoundInTheRepository(t *testing.T) {
	tree := []string{"src/a.go", "src/b c.go", "web/src/x.ts", "ü#1.js", "docs/100%25.md", "C/d.cs"}
	for name, c := range map[string]struct{ bases, at, want string }{
		"relative":                       {`{}`, `{"uri":"src/a.go"}`, "src/a.go"},
		"with dots":                      {`{}`, `{"uri":"./src/../src/a.go"}`, "src/a.go"},
		"encoded":                        {`{}`, `{"uri":"src/b%20c.go"}`, "src/b c.go"},
		"encoded beyond ASCII":           {`{}`, `{"uri":"%C3%BC%231.js"}`, "ü#1.js"},
		"not encoded":                    {`{}`, `{"uri":"src/b c.go"}`, "src/b c.go"},
		"looks encoded and is not":       {`{}`, `{"uri":"docs/100%25.md"}`, "docs/100%25.md"},
		"encoded badly":                  {`{}`, `{"uri":"src/%zz.go"}`, "src/%zz.go?"},
		"backslashes":                    {`{}`, `{"uri":"src\\a.go"}`, "src/a.go"},
		"file:///":                       {`{}`, `{"uri":"file:///home/me/r/src/a.go"}`, "src/a.go"},
		"file:/":                         {`{}`, `{"uri":"file:/home/me/r/src/a.go"}`, "src/a.go"},
		"file://localhost/":              {`{}`, `{"uri":"file://localhost/home/me/r/src/a.go"}`, "src/a.go"},
		"on Windows":                     {`{}`, `{"uri":"file:///C:/me/r/src/b%20c.go"}`, "src/b c.go"},
		"on Windows, two slashes":        {`{}`, `{"uri":"file://C:/me/r/src/a.go"}`, "src/a.go"},
		"on Windows, no address":         {`{}`, `{"uri":"C:\\me\\r\\src\\a.go"}`, "src/a.go"},
		"absolute":                       {`{}`, `{"uri":"/home/me/r/src/a.go"}`, "src/a.go"},
		"elsewhere on the web":           {`{}`, `{"uri":"https://x.test/src/a.go"}`, "https://x.test/src/a.go?"},
		"of a dependency":                {`{}`, `{"uri":"file:///home/me/go/pkg/mod/x.test/y/src/z.go"}`, "/home/me/go/pkg/mod/x.test/y/src/z.go?"},
		"base that nobody explains":      {`{}`, `{"uri":"src/a.go","uriBaseId":"%SRCROOT%"}`, "src/a.go"},
		"base of the checkout":           {`{"%SRCROOT%":{"uri":"file:///home/me/r/"}}`, `{"uri":"src/a.go","uriBaseId":"%SRCROOT%"}`, "src/a.go"},
		"base below the checkout":        {`{"W":{"uri":"file:///home/me/r/web/"}}`, `{"uri":"src/x.ts","uriBaseId":"W"}`, "web/src/x.ts"},
		"relative base":                  {`{"W":{"uri":"web/"}}`, `{"uri":"src/x.ts","uriBaseId":"W"}`, "web/src/x.ts"},
		"bases in a row":                 {`{"W":{"uri":"web/","uriBaseId":"R"},"R":{"uri":"file:///home/me/r/"}}`, `{"uri":"src/x.ts","uriBaseId":"W"}`, "web/src/x.ts"},
		"bases in a row, the last empty": {`{"W":{"uri":"web/","uriBaseId":"R"},"R":{"description":{"text":"the top"}}}`, `{"uri":"src/x.ts","uriBaseId":"W"}`, "web/src/x.ts"},
		"bases in a circle":              {`{"A":{"uri":"","uriBaseId":"B"},"B":{"uriBaseId":"A"}}`, `{"uri":"src/a.go","uriBaseId":"A"}`, "src/a.go"},
		"absolute in spite of a base":    {`{"A":{"uri":"web/"}}`, `{"uri":"file:///home/me/r/src/a.go","uriBaseId":"A"}`, "src/a.go"},
		"by index":                       {`{}`, `{"index":1}`, "src/a.go"},
		"by index, with a base":          {`{"W":{"uri":"web"}}`, `{"index":2}`, "web/src/x.ts"},
		"by an index that is not there":  {`{}`, `{"index":9}`, "?"},
		"address before index":           {`{}`, `{"index":1,"uri":"src/b%20c.go"}`, "src/b c.go"},
		"not in the repository":          {`{}`, `{"uri":"gen/z.go"}`, "gen/z.go?"},
		"out of the repository":          {`{}`, `{"uri":"../../etc/passwd"}`, "../../etc/passwd?"},
		"lines and control in the name":  {`{}`, `{"uri":"a%0Ab\u202e.go"}`, "a b.go?"},
		"a name at the top of a machine": {`{}`, `{"uri":"file:///x.ts"}`, "/x.ts?"},
		"a host":                         {`{}`, `{"uri":"file://server/share/src/a.go"}`, "src/a.go"},
	} {
		members := []string{oneTool, `"artifacts":[{},{"location":{"uri":"src/a.go","index":1}},{"location":{"uri":"src/x.ts","uriBaseId":"W"}}]`,
			`"results":[{"ruleId":"r2","message":{"text":"m"},"locations":[{"physicalLocation":{"artifactLocation":` + c.at + `,"region":{"startLine":1}}}]}]`,
			`"originalUriBaseIds":` + c.bases}
		files := checks.Tree{Files: map[string]string{}}
		for _, f := range tree {
			files.Files[f] = "blob"
		}
		all, said := reported(t, files, checks.ReportSource{Name: "x.sarif", Data: []byte(sarifOf(members...))})
		got := all[0].path
		if !all[0].known {
			got += "?"
		}
		unresolved := 0
		if strings.HasSuffix(c.want, "?") && c.want != "?" {
			unresolved = 1
		}
		if got != c.want || said.Unresolved != unresolved || len(said.Odd) != unresolved {
			t.Errorf("%s: %s, want %s; %+v", name, got, c.want, said.Gathering)
		}
	}
}

func TestALinkLeadsToTheWebOnly(t *testing.T) {
	for given, want := range map[string]string{
		"https://x.test/a b": "https://x.test/a%20b", "http://x.test": "http://x.test", "javascript:alert(1)": "", "file:///etc": "", "//x.test": "",
		"https://": "", "data:text/html,x": "", "https://me:word@x.test": "", "https://x.test/" + strings.Repeat("a", 600): "",
	} {
		text, err := json.Marshal(given)
		if err != nil {
			t.Fatal(err)
		}
		all, _ := reported(t, checks.Tree{}, checks.ReportSource{Name: "x.sarif", Data: []byte(sarifOf(
			`"results":[{"ruleId":"r","message":{"text":"m"}}]`, `"tool":{"driver":{"name":"X","rules":[{"id":"r","helpUri":`+string(text)+`}]}}`))})
		if all[0].url != want {
			t.Errorf("%.80s: %q, want %q", given, all[0].url, want)
		}
	}
}
