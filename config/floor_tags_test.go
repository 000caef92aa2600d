package config

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

// filled are all structs that a policy fills.
func filled() map[string]reflect.Type {
	out := map[string]reflect.Type{"roles.*": reflect.TypeFor[checks.Role]()}
	for _, s := range settings() {
		out[s.name] = reflect.TypeOf(s.value).Elem()
	}
	for _, e := range checks.All {
		out[strings.ReplaceAll(e.Name, "/", ".")] = reflect.TypeOf(e.New()).Elem()
	}
	return out
}

func TestEverySettingSaysWhichValueIsTighter(t *testing.T) {
	seen := map[reflect.Type]bool{}
	for path, typ := range filled() {
		checkTags(t, path, typ, seen)
	}
}

// checkTags walks through what a file can set.
func checkTags(t *testing.T, path string, typ reflect.Type, seen map[reflect.Type]bool) {
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct || seen[typ] {
		return
	}
	seen[typ] = true
	value := reflect.New(typ).Elem()
	if list, ok := listOf(value); ok {
		checkTags(t, path, list.Type(), seen)
		return
	}
	for _, f := range fieldsOf(value) {
		rule := tighteningOf(f.tighten)
		if why := rule.unfit(f.value.Type()); f.tighten == "" || why != "" {
			t.Errorf("%s.%s (%s): the tag tighten is %q: %s", path, f.key, typ, f.tighten, why)
		}
		if rule.unset != "" && rule.unset != everything && !set(rule.effective(reflect.Zero(f.value.Type()))) {
			t.Errorf("%s.%s: what an unset value means, %q, cannot be read", path, f.key, rule.unset)
		}
		checkTags(t, path+"."+f.key, f.value.Type(), seen)
	}
}

// unfit says why a rule is none for a type; "" when it is one.
func (t tightening) unfit(typ reflect.Type) string {
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	_, ordered := typ.MethodByName("Compare")
	ok := true
	switch t.rule {
	case "up", "down":
		ok = ordered || reflect.Zero(typ).CanInt()
	case "on", "off":
		ok = typ.Kind() == reflect.Bool
	case "holds":
		ok = typ.Kind() == reflect.Struct
	case "wider", "narrower":
		ok = typ.Kind() == reflect.Slice
	case "role":
		ok = typ == roleType
	case "words":
		ok = typ.Kind() == reflect.String && len(t.words) > 1 && !slices.Contains(t.words, "")
		for _, w := range t.words {
			ok = ok && setText(reflect.New(typ).Elem(), w)
		}
	}
	if !ok {
		return "that is no rule for " + typ.String()
	}
	return ""
}
