package main

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

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
