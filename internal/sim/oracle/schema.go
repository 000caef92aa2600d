package oracle

import (
	"fmt"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// document is an OpenAPI description, 3.0 or 3.1, as decoded JSON. It is judged
// by directly: the whole of it is too much for validators that load it first.
type document map[string]any

// deref follows $ref to what it names.
func (d document) deref(v any) map[string]any {
	for range 100 {
		o, _ := v.(map[string]any)
		ref, ok := o["$ref"].(string)
		if !ok {
			return o
		}
		v = map[string]any(d)
		for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
			next, _ := v.(map[string]any)
			v = next[strings.NewReplacer("~1", "/", "~0", "~").Replace(part)]
		}
	}
	return nil
}

// check says in what a value is not as a schema wants it.
func (d document) check(schema, value any, at string) []string {
	s := d.deref(schema)
	if s == nil {
		return nil
	}
	if value == nil && s["nullable"] == true {
		return nil
	}
	var bad []string
	add := func(format string, v ...any) { bad = append(bad, at+": "+fmt.Sprintf(format, v...)) }
	for keyword, want := range s {
		switch keyword {
		case "type":
			if !hasType(want, value) {
				add("is %s, want type %v", kindOf(value), want)
			}
		case "enum":
			if all, _ := want.([]any); !slices.Contains(all, value) {
				add("is %v, want one of %v", value, want)
			}
		case "const":
			if value != want {
				add("is %v, want %v", value, want)
			}
		case "allOf":
			for _, part := range list(want) {
				bad = append(bad, d.check(part, value, at)...)
			}
		case "anyOf", "oneOf":
			bad = append(bad, d.alternatives(keyword, list(want), value, at)...)
		case "not":
			if len(d.check(want, value, at)) == 0 {
				add("is what it must not be")
			}
		case "format":
			if msg := badFormat(want, value); msg != "" {
				add("%s", msg)
			}
		default:
			if msg := badSize(keyword, want, value); msg != "" {
				add("%s", msg)
			}
		}
	}
	switch v := value.(type) {
	case map[string]any:
		bad = append(bad, d.checkObject(s, v, at)...)
	case []any:
		for i, e := range v {
			bad = append(bad, d.check(s["items"], e, fmt.Sprintf("%s[%d]", at, i))...)
		}
	}
	slices.Sort(bad)
	return bad
}

func (d document) checkObject(s, v map[string]any, at string) []string {
	var bad []string
	for _, name := range list(s["required"]) {
		if _, ok := v[fmt.Sprint(name)]; !ok {
			bad = append(bad, fmt.Sprintf("%s: %v is missing", at, name))
		}
	}
	known, _ := s["properties"].(map[string]any)
	for name, e := range v {
		sub, ok := known[name]
		if !ok {
			if sub = s["additionalProperties"]; sub == false {
				bad = append(bad, fmt.Sprintf("%s: %s is not known", at, name))
			}
		}
		if _, isSchema := sub.(map[string]any); isSchema {
			bad = append(bad, d.check(sub, e, at+"."+name)...)
		}
	}
	return bad
}

// alternatives wants at least one of the schemas to fit. GitHub's descriptions
// use oneOf for overlapping forms, which two schemas may fit.
func (d document) alternatives(keyword string, all []any, value any, at string) []string {
	var closest []string
	for _, one := range all {
		bad := d.check(one, value, at)
		if len(bad) == 0 {
			return nil
		}
		if closest == nil || len(bad) < len(closest) {
			closest = bad
		}
	}
	return append([]string{at + ": fits none of " + keyword + "; nearest misses:"}, closest...)
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case float64:
		if v == math.Trunc(v) {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	}
	return "object"
}

// hasType takes 3.0's one type and 3.1's list of them.
func hasType(want, v any) bool {
	kind := kindOf(v)
	if all, ok := want.([]any); ok {
		return slices.ContainsFunc(all, func(one any) bool { return hasType(one, v) })
	}
	return want == kind || want == "number" && kind == "integer"
}

func badFormat(want, v any) string {
	s, ok := v.(string)
	if !ok {
		return ""
	}
	switch want {
	case "date-time":
		if _, err := time.Parse(time.RFC3339, s); err != nil {
			return fmt.Sprintf("%q is no date-time", s)
		}
	case "uri":
		// GitHub's own URI templates ({/sha}) stand where uri is asked for.
		if u, err := url.Parse(s); err != nil || u.Scheme == "" && s != "" {
			return fmt.Sprintf("%q is no uri", s)
		}
	}
	return ""
}

// badSize judges lengths, ranges and patterns. Words that judge nothing pass; a
// word it does not know is a complaint, so that none is overlooked.
func badSize(keyword string, want, v any) string {
	n, _ := want.(float64)
	size, number := -1.0, math.NaN()
	switch v := v.(type) {
	case string:
		size = float64(utf8.RuneCountInString(v))
	case []any:
		size = float64(len(v))
	case map[string]any:
		size = float64(len(v))
	case float64:
		number = v
	}
	_, isString := v.(string)
	_, isList := v.([]any)
	_, isObject := v.(map[string]any)
	bad := false
	switch keyword {
	case "maxLength":
		bad = isString && size > n
	case "minLength":
		bad = isString && size < n
	case "maxItems":
		bad = isList && size > n
	case "minItems":
		bad = isList && size < n
	case "maxProperties":
		bad = isObject && size > n
	case "minProperties":
		bad = isObject && size < n
	case "minimum":
		bad = number < n
	case "maximum":
		bad = number > n
	case "pattern":
		s, _ := v.(string)
		re, err := regexp.Compile(fmt.Sprint(want))
		bad = isString && err == nil && !re.MatchString(s)
	case "properties", "required", "additionalProperties", "items", "nullable", "title", "description", "default", "example",
		"examples", "deprecated", "readOnly", "writeOnly", "externalDocs", "discriminator", "uniqueItems", "x-github-breaking-changes",
		"x-multi-segment":
	default:
		return "the oracle does not know the word " + keyword
	}
	if bad {
		return fmt.Sprintf("%s of %v: %v", keyword, want, v)
	}
	return ""
}
