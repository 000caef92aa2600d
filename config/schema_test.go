package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "write the manual anew from the comments")

// The manual is what stands in the sources.
func TestTheManualIsWhatTheCommentsSay(t *testing.T) {
	want, err := json.MarshalIndent(commentsOf(t, "../checks"), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile("manual.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !bytes.Equal(want, manualText) {
		t.Errorf("run with -update (-embedded +sources):\n%s", cmp.Diff(string(manualText), string(want)))
	}
}

// commentsOf are the comments on exported structs that have fields of the policy,
// and on those fields.
func commentsOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(dir + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			if g, ok := decl.(*ast.GenDecl); ok && g.Tok == token.TYPE {
				for _, s := range g.Specs {
					s := s.(*ast.TypeSpec)
					doc := s.Doc
					if doc == nil {
						doc = g.Doc
					}
					typeComments(out, s, doc)
				}
			}
		}
	}
	return out
}

func typeComments(out map[string]string, s *ast.TypeSpec, doc *ast.CommentGroup) {
	st, ok := s.Type.(*ast.StructType)
	if !ok {
		return
	}
	any := false
	for _, f := range st.Fields.List {
		if f.Tag == nil || !strings.Contains(f.Tag.Value, `yaml:"`) {
			continue
		}
		any = true
		for _, n := range f.Names {
			out[s.Name.Name+"."+n.Name] = strings.TrimSpace(f.Doc.Text())
		}
	}
	if any || strings.Contains(doc.Text(), " is the control `") { // there are some without a setting
		out[s.Name.Name] = strings.TrimSpace(doc.Text())
	}
}

func TestEveryKeyHasAManualPage(t *testing.T) {
	seen := map[string]bool{}
	var walk func(path string, keys []languageKey)
	walk = func(path string, keys []languageKey) {
		for _, k := range keys {
			at := below(path, k.name)
			if k.doc == "" {
				t.Errorf("%s has no comment", at)
			}
			if text, err := Explain(at); err != nil || !strings.HasPrefix(text, at+": ") {
				t.Errorf("%s: %v\n%s", at, err, text)
			}
			f := k.value()
			for f.items != nil && f.keys == nil {
				f = f.items
			}
			if name := f.name + at; f.keys != nil && !seen[name] && strings.Count(at, ".") < 6 {
				seen[name] = true
				walk(at, f.keys)
			}
		}
	}
	walk("", language())
	if len(seen) < 15 {
		t.Errorf("only %d mappings were found", len(seen))
	}
}

func TestAMistypedKeyIsToldWhatWasMeant(t *testing.T) {
	for path, want := range map[string]string{
		"reviews":                `Did you mean "review"?`,
		"review.sign_off":        `Did you mean "sign_offs"?`,
		"coverage.patch.minimum": "coverage.patch has no key",
	} {
		if _, err := Explain(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// compiled is the schema as an independent validator reads it.
func compiled(t testing.TB) *jsonschema.Schema {
	t.Helper()
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("handrail.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("handrail.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asJSON is a policy as a validator of JSON sees it.
func asJSON(t testing.TB, text []byte) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheSchemaTakesWhatIsTakenHere(t *testing.T) {
	s := compiled(t)
	files, err := filepath.Glob("examples/*.yml")
	if err != nil || len(files) < 2 {
		t.Fatalf("%d examples: %v", len(files), err)
	}
	deeper, _ := filepath.Glob("examples/*/*.yml")
	for _, file := range append(append(files, deeper...), "../.github/handrail.yml") {
		if strings.Contains(file, "test") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(asJSON(t, text)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestTheSchemaRefusesWhatIsRefusedHere(t *testing.T) {
	s := compiled(t)
	for _, text := range []string{
		"{}",
		"version: 2",
		"version: 1\nmode: obsrve",
		"version: 1\nreviews: {}",
		"version: 1\nreview: {codeowners: maybe}",
		"version: 1\nreview: {sign_offs: [{role: reviewer, count: many}]}",
		"version: 1\nreview: {sign_offs: [{role: reviewer, stale: later}]}",
		"version: 1\nreview: {sign_offs: {role: reviewer}}",
		"version: 1\ncompliance: {title: conventionel}",
		"version: 1\ncompliance: {title: {patern: x}}",
		"version: 1\nroles: {qa: {permission: owner}}",
		"version: 1\nsecurity: {alerts: {block: severe}}",
		"version: 1\nstatus: {require: [{name: x, allow: [failure]}]}",
		"version: 1\nrelease: {tag: [v*]}",
		"version: 1\nrelease: {mode: off, tags: [v*]}",
		"version: 1\nrelease: {tags: [v*], stages: [{name: p, dispatch: {inputs: [a]}}]}",
		"version: 1\nrelease: {tags: [v*], stages: [{name: p, dispatch: {inputs: {a: [b]}}}]}",
		"version: 1\nrelease: {tags: [v*], evidence: {unknown: pass}}",
	} {
		if Check("policy.yml", text) == nil {
			t.Errorf("handrail takes it: %s", text)
		}
		if s.Validate(asJSON(t, []byte(text))) == nil {
			t.Errorf("the schema takes it: %s", text)
		}
	}
}
