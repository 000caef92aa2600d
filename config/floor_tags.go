package config

import (
	"cmp"
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// tightening is what a setting's tag "tighten" says: how a repository's value is
// compared with the organisation floor's.
//
//	up, down    a number or date, of which the higher or the lower one is tighter
//	on, off     a boolean, of which this value is tighter
//	a,b,c       words, the tightest first
//	beside      both hold together: goes on into structs, and into those elements
//	            of lists that both have under the same [checks.FloorKeyed]
//	lifts       lets something pass that would not else: nothing that the floor lacks
//	holds       a condition, which must hold wherever the floor's does
//	wider       a list that must have all that the floor's has
//	narrower    within a condition: a list whose every element makes it hold less
//	same, role  must be the floor's own, where the floor has one
//	-           says nothing about strictness
//
// After a bar stands what an unset value means: "up|1", "head,content|content",
// "lifts|a,b" for a list; "lifts|*" where an unset list lets everything pass, and
// "wider|*" where one is about everything.
type tightening struct {
	rule  string
	words []string
	unset string
}

// everything is what an unset list means that holds all there is.
const everything = "*"

var tightenings = []string{"up", "down", "on", "off", "beside", "lifts", "holds", "wider", "narrower", "same", "role", "-"}

func tighteningOf(tag string) tightening {
	rule, unset, _ := strings.Cut(tag, "|")
	t := tightening{rule: rule, unset: unset}
	if !slices.Contains(tightenings, rule) {
		t.rule, t.words = "words", strings.Split(rule, ",")
	}
	return t
}

// weaker says whether a repository's value is weaker than the floor's, of those
// that have an order. What the floor does not ask for nothing is weaker than.
func (t tightening) weaker(own, floor reflect.Value) bool {
	a, b := t.effective(own), t.effective(floor)
	if !a.IsValid() || !b.IsValid() {
		return false
	}
	switch t.rule {
	case "up":
		return compare(a, b) < 0
	case "down":
		return compare(a, b) > 0
	case "on":
		return !a.Bool() && b.Bool()
	case "off":
		return a.Bool() && !b.Bool()
	}
	i, j := slices.Index(t.words, a.String()), slices.Index(t.words, b.String())
	return i >= 0 && j >= 0 && i > j
}

// effective is a value, or what it means where it was not set; not valid where
// that is nothing.
func (t tightening) effective(v reflect.Value) reflect.Value {
	empty := v.Kind() == reflect.Slice && !v.IsNil() // which says none
	if set(v) || empty || t.unset == "" || t.unset == everything {
		return reflect.Indirect(v)
	}
	out := v
	if v.Kind() == reflect.Pointer {
		out = reflect.Zero(v.Type().Elem())
	}
	into := reflect.New(out.Type()).Elem()
	if into.Kind() == reflect.Slice {
		for _, one := range strings.Split(t.unset, ",") {
			item := reflect.New(into.Type().Elem()).Elem()
			if setText(item, one) {
				into = reflect.Append(into, item)
			}
		}
		return into
	}
	if !setText(into, t.unset) {
		return reflect.Indirect(v)
	}
	return into
}

// setText reads a scalar into a value, as the policy's text would be.
func setText(v reflect.Value, text string) bool {
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text)) == nil
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		v.SetBool(text == "true")
	case reflect.Int:
		n, err := strconv.Atoi(text)
		v.SetInt(int64(n))
		return err == nil
	default:
		return false
	}
	return true
}

// compare orders two values of a type: by its own method Compare, or as numbers.
func compare(a, b reflect.Value) int {
	if m := a.MethodByName("Compare"); m.IsValid() && m.Type().NumIn() == 1 && m.Type().In(0) == b.Type() {
		return int(m.Call([]reflect.Value{b})[0].Int())
	}
	if a.CanInt() {
		return cmp.Compare(a.Int(), b.Int())
	}
	return 0
}

// advice is what to write instead.
func (t tightening) advice(floor string) string {
	switch t.rule {
	case "up":
		return "Write at least that, or remove the line: the floor holds in any case."
	case "down":
		return "Write at most that, or remove the line: the floor holds in any case."
	}
	return removeIt
}

// allows says whether a list of what may pass has an element that lets at least
// as much pass as another one.
func (t tightening) allows(list, item reflect.Value) bool {
	list = t.effective(list)
	for i := range list.Len() {
		if passes(list.Index(i), item) {
			return true
		}
	}
	return false
}

// passes says whether what one element lets pass another one does too.
func passes(floor, own reflect.Value) bool {
	if own.Kind() != reflect.Struct || len(fieldsOf(own)) == 0 {
		return member(floor) == member(own)
	}
	theirs := fieldsOf(floor)
	for i, f := range fieldsOf(own) {
		t, base := tighteningOf(f.tighten), theirs[i].value
		ok := true
		switch t.rule {
		case "-":
		case "lifts":
			for _, w := range members(f.value) {
				ok = ok && slices.Contains(members(base), w)
			}
		case "up", "down", "on", "off", "words":
			ok = !t.weaker(f.value, base)
		default:
			ok = equal(f.value, base)
		}
		if !ok {
			return false
		}
	}
	return true
}

// covers says whether one condition holds wherever another one does: all keys
// of a condition must hold, and of a list one member is enough.
func covers(a, b reflect.Value) bool {
	if !set(a) {
		return true
	}
	if !set(b) {
		return false // the other one holds everywhere
	}
	theirs := fieldsOf(reflect.Indirect(b))
	for i, f := range fieldsOf(reflect.Indirect(a)) {
		if set(f.value) && (!set(theirs[i].value) || !implied(tighteningOf(f.tighten), f.value, theirs[i].value)) {
			return false
		}
	}
	return true
}

// implied says whether a key of a condition holds wherever another condition's
// does.
func implied(t tightening, a, b reflect.Value) bool {
	subset := func(of, in reflect.Value) bool {
		return !slices.ContainsFunc(members(of), func(w string) bool { return !slices.Contains(members(in), w) })
	}
	switch t.rule {
	case "wider", "lifts":
		return subset(b, a)
	case "narrower":
		return subset(a, b)
	case "up", "down":
		return !t.weaker(a, b)
	}
	return equal(a, b)
}

// set says whether a value was given.
func set(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Invalid:
		return false
	case reflect.Slice:
		return v.Len() > 0
	case reflect.Struct:
		if fields := fieldsOf(v); len(fields) > 0 {
			return slices.ContainsFunc(fields, func(f field) bool { return set(f.value) })
		}
	}
	return !v.IsZero()
}

func equal(a, b reflect.Value) bool { return slices.Equal(members(a), members(b)) }

// members are the elements of a list, or a value alone, as text; of a list of
// names, in lower case.
func members(v reflect.Value) []string {
	v = reflect.Indirect(v)
	if !v.IsValid() {
		return nil
	}
	if v.Kind() != reflect.Slice {
		return []string{textOf(v)}
	}
	var out []string
	for i := range v.Len() {
		out = append(out, member(v.Index(i)))
	}
	return out
}

// member is an element of a list: names are the same in any case.
func member(v reflect.Value) string {
	if v.Type() == stringType {
		return strings.ToLower(v.String())
	}
	return textOf(v)
}

var stringType = reflect.TypeFor[string]()

func textOf(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case checks.Glob:
		return string(x)
	case fmt.Stringer:
		return x.String()
	}
	if v.Kind() == reflect.Struct {
		return fmt.Sprintf("%+v", v.Interface())
	}
	return fmt.Sprint(v.Interface())
}
