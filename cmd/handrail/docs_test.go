package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
)

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(version: 1.*?)```")

// What people copy from the pages on sections has to work, and nothing may be left
// out of them.
func TestThePagesOnSectionsAreTrue(t *testing.T) {
	for _, page := range []struct {
		file  string
		rules reflect.Type
		has   func(checks.Policy) bool
	}{
		{"coverage.md", reflect.TypeFor[checks.CoverageRules](), func(p checks.Policy) bool { return sectionOf[*checks.CoverageRules](p) != nil }},
		{"security.md", reflect.TypeFor[checks.SecurityRules](), func(p checks.Policy) bool { return sectionOf[*checks.SecurityRules](p) != nil }},
	} {
		text, err := os.ReadFile(filepath.Join("..", "..", "docs", page.file))
		if err != nil {
			t.Fatal(err)
		}
		examples := yamlBlock.FindAllStringSubmatch(string(text), -1)
		if len(examples) == 0 {
			t.Errorf("%s shows no policy", page.file)
		}
		for _, m := range examples {
			p := config.Policy([]checks.Source{{Path: checks.PolicyPath, Text: m[1]}}, config.Defaults{})
			if p.Invalid() || !page.has(p) {
				t.Errorf("%s: %s\n%v", page.file, m[1], p.Problems)
			}
		}
		for _, key := range keysOf(page.rules, "") {
			if !strings.Contains(string(text), "| `"+key+"` |") {
				t.Errorf("%s: the key %s is not explained", page.file, key)
			}
		}
	}
}

func TestThePoliciesInTheReadmeAreValid(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	examples := yamlBlock.FindAllStringSubmatch(string(text), -1)
	if len(examples) < 2 {
		t.Errorf("the README shows %d policies", len(examples))
	}
	for _, m := range examples {
		for _, q := range config.Check("README.md", m[1]) {
			t.Errorf("%s\n%s", m[1], q)
		}
	}
}

// keysOf are the keys of a section, those without keys of their own, and lists.
func keysOf(t reflect.Type, above string) (keys []string) {
	for f := range t.Fields() {
		if !f.IsExported() {
			continue
		}
		key, kind := above+f.Tag.Get("yaml"), f.Type
		if kind.Kind() == reflect.Slice && kind.Elem().Kind() == reflect.Struct {
			keys, kind = append(keys, key), kind.Elem()
		}
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		var below []string
		if kind.Kind() == reflect.Struct {
			below = keysOf(kind, key+".")
		}
		if len(below) == 0 {
			below = []string{key}
		}
		keys = append(keys, below...)
	}
	return keys
}

// Every example on the page about compliance is a policy, or the cases for one.
func TestThePageOnComplianceIsTrue(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "compliance.md"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	dir := t.TempDir()
	tried := policyTrial{out: t.Output(), scanner: localScanner()}
	var limits string
	var before string
	for _, m := range anyYAML.FindAllStringSubmatchIndex(text, -1) {
		example := text[m[2]:m[3]]
		var floor []checks.Source
		if strings.HasPrefix(text[m[1]:], "\n\nit is said:") {
			floor = []checks.Source{{Repo: "acme/.github", Path: checks.FloorPath, Text: before, Floor: true}}
		}
		if strings.Contains(example, "\ncases:") {
			tried.tryText(t, dir, limits, example)
			continue
		}
		said := config.Proposed(checks.PolicyPath, example, floor)
		for _, q := range said {
			if floor == nil || !strings.Contains(text, "\n    "+q.String()+"\n") {
				t.Errorf("%s\n%s", example, q)
			}
		}
		if floor != nil && len(said) == 0 {
			t.Errorf("nothing is said of\n%s", example)
		}
		if before = example; strings.Contains(example, "Memory over 1Ti") {
			limits = example
		}
	}
	if tried.tried == 0 {
		t.Error("no case is shown")
	}
	for _, key := range sectionKeys(t, "compliance", "override", "detect") {
		key = strings.TrimPrefix(key, "compliance.")
		if !strings.Contains(text, "| `"+key+"` |") {
			t.Errorf("the key %s is not explained", key)
		}
	}
	for _, e := range checks.All {
		for _, number := range checks.ControlsOf(e.Name) {
			row := regexp.MustCompile("(?m)^\\| `" + strings.TrimPrefix(e.Name, "compliance/") + "` \\|.*\\b" + regexp.QuoteMeta(number[strings.LastIndexByte(number, ' ')+1:])).FindString(text)
			if row == "" {
				t.Errorf("it is not said that %s is evidence for %s", e.Name, number)
			}
		}
	}
}

var anyYAML = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// tryText tries a policy on cases, both as texts.
func (t *policyTrial) tryText(tb testing.TB, dir, policy, cases string) {
	tb.Helper()
	file := filepath.Join(dir, "handrail.yml")
	if err := os.Mkdir(filepath.Join(dir, "handrail.tests"), 0o700); err != nil {
		tb.Fatal(err)
	}
	for name, text := range map[string]string{file: policy, filepath.Join(dir, "handrail.tests", "cases.yml"): cases} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	if err := t.policy(tb.Context(), file); err != nil || t.failed > 0 {
		tb.Errorf("%d cases are not as expected: %v", t.failed, err)
	}
}

// sectionKeys are the keys of sections, by the published schema: those without keys of
// their own, and lists. What is below a condition is left out.
func sectionKeys(t *testing.T, sections ...string) (keys []string) {
	t.Helper()
	text, err := config.Schema()
	if err != nil {
		t.Fatal(err)
	}
	var root schemaNode
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	for _, section := range sections {
		of := root.Properties[section].keys(section+".", root.Defs)
		if len(of) == 0 {
			t.Fatalf("the section %s has no keys", section)
		}
		keys = append(keys, of...)
	}
	return keys
}

func TestTheFullExampleHasEveryKey(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "config", "examples", "full.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var example yaml.Node
	if err := yaml.Unmarshal(text, &example); err != nil {
		t.Fatal(err)
	}
	has := map[string]bool{}
	written(&example, "", has)
	for _, key := range sectionKeys(t, "review", "status", "security", "coverage", "compliance", "override", "detect", "release") {
		if strings.HasSuffix(key, ".mode") {
			key = "compliance.mode" // every section has one
		}
		if key == "release.freeze.branches" || key == "release.freeze.files" {
			continue // a tag is on no branch, and has no changed files
		}
		if !has[key] {
			t.Errorf("config/examples/full.yml does not show %s", key)
		}
	}
}

// written collects the keys that are written in a document, those of lists' items
// as if they were the list's.
func written(n *yaml.Node, above string, keys map[string]bool) {
	if n.Kind != yaml.MappingNode {
		for _, c := range n.Content {
			written(c, above, keys)
		}
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := above + n.Content[i].Value
		keys[key] = true
		written(n.Content[i+1], key+".", keys)
	}
}

// schemaNode is what of a JSON Schema leads to its keys.
type schemaNode struct {
	Ref        string                 `json:"$ref"`
	Defs       map[string]*schemaNode `json:"$defs"`
	Properties map[string]*schemaNode `json:"properties"`
	Items      *schemaNode            `json:"items"`
	AnyOf      []*schemaNode          `json:"anyOf"`
	OneOf      []*schemaNode          `json:"oneOf"`
}

func (n *schemaNode) keys(above string, defs map[string]*schemaNode) (keys []string) {
	if n == nil {
		return nil
	}
	if n.Ref != "" {
		return defs[n.Ref[strings.LastIndexByte(n.Ref, '/')+1:]].keys(above, defs)
	}
	for name, below := range n.Properties {
		var deeper []string
		if name != "when" && name != "unless" {
			deeper = below.keys(above+name+".", defs)
		}
		if len(deeper) == 0 {
			deeper = []string{above + name}
		}
		keys = append(keys, deeper...)
	}
	keys = append(keys, n.Items.keys(above, defs)...)
	for _, one := range append(n.AnyOf, n.OneOf...) {
		keys = append(keys, one.keys(above, defs)...)
	}
	return keys
}
