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

// What people copy from the page on coverage has to work, and nothing may be
// left out of it.
func TestThePageOnCoverageIsTrue(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "coverage.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	examples := yamlBlock.FindAllStringSubmatch(page, -1)
	if len(examples) < 2 {
		t.Fatalf("%d policies are shown", len(examples))
	}
	for _, m := range examples {
		p := config.Policy([]checks.Source{{Path: checks.PolicyPath, Text: m[1]}}, config.Defaults{})
		if rules, _ := sectionOf[*checks.CoverageRules](p); p.Invalid() || rules == nil {
			t.Errorf("%s\n%v", m[1], p.Problems)
		}
	}
	for _, key := range keysOf(reflect.TypeFor[checks.CoverageRules](), "") {
		if !strings.Contains(page, "| `"+key+"` |") {
			t.Errorf("the key %s is not explained", key)
		}
	}
}

// keysOf are the keys of a section, those without keys of their own, and lists.
func keysOf(t reflect.Type, above string) (keys []string) {
	for f := range t.Fields() {
		key, kind := above+f.Tag.Get("yaml"), f.Type
		if kind.Kind() == reflect.Slice && kind.Elem().Kind() == reflect.Struct {
			keys, kind = append(keys, key), kind.Elem()
		}
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		if kind.Kind() == reflect.Struct {
			keys = append(keys, keysOf(kind, key+".")...)
			continue
		}
		keys = append(keys, key)
	}
	return keys
}
