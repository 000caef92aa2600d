package config

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/handrail-bot/handrail/checks"
)

// decoder fills settings structs from a parsed file and keeps every mistake it
// meets.
type decoder struct {
	file     string
	roles    map[checks.RoleName]checks.Role
	problems []checks.Problem
	placed   []placed
}

// placed says where in the file a check has its settings.
type placed struct {
	check any
	node  *yaml.Node
	path  string
}

func newDecoder(file string) *decoder {
	r := checks.BuiltinRole()
	return &decoder{file: file, roles: map[checks.RoleName]checks.Role{r.Name: r}}
}

func (d *decoder) place(c any, n *yaml.Node, path string) {
	d.placed = append(d.placed, placed{c, n, path})
}

// check fills a check's settings. extra are keys that are not the check's own.
func (d *decoder) check(n *yaml.Node, path string, c checks.Check, extra map[string]func(*yaml.Node)) {
	if u, ok := c.(encoding.TextUnmarshaler); ok && n.Kind == yaml.ScalarNode {
		d.text(n, path, u)
		return
	}
	if v, ok := listOf(reflect.ValueOf(c).Elem()); ok {
		d.list(n, path, v)
		return
	}
	d.fields(n, path, c, extra)
}

// listOf is the field of a struct that the file writes as a list in its place: it
// has the tag `yaml:",list"`, and there are no others.
func listOf(v reflect.Value) (reflect.Value, bool) {
	if v.Kind() != reflect.Struct {
		return v, false
	}
	for i := range v.NumField() {
		if key, option, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ","); key == "" && option == "list" {
			return v.Field(i), true
		}
	}
	return v, false
}

// decode fills what into points at.
func (d *decoder) decode(n *yaml.Node, path string, into any) {
	d.value(n, path, reflect.ValueOf(into).Elem())
}

// value fills one value, which must be addressable.
func (d *decoder) value(n *yaml.Node, path string, v reflect.Value) {
	switch {
	case n.Kind == yaml.AliasNode:
		return // refused already
	case null(n):
		d.problem(n, path, fmt.Sprintf("%q has no value.", last(path)), "Give it one, or remove the key.")
		return
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok && (n.Kind == yaml.ScalarNode || v.Kind() != reflect.Struct || len(fieldsOf(v)) == 0) {
		d.text(n, path, u)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.fields(n, path, v.Addr().Interface(), nil)
	case reflect.Slice:
		d.list(n, path, v)
	case reflect.String:
		d.str(n, path, v)
	case reflect.Bool:
		d.boolean(n, path, v)
	case reflect.Int:
		d.integer(n, path, v)
	case reflect.Map:
		d.texts(n, path, v)
	default:
		d.problem(n, path, fmt.Sprintf("%q cannot be set from a policy.", last(path)), "")
	}
}

// text hands a scalar as it is written to a type that reads itself.
func (d *decoder) text(n *yaml.Node, path string, u encoding.TextUnmarshaler) {
	if n.Kind != yaml.ScalarNode || null(n) {
		d.wrongKind(n, path, "a single value")
		return
	}
	err := u.UnmarshalText([]byte(n.Value))
	var w *checks.WordError
	switch {
	case err == nil:
	case errors.As(err, &w):
		d.problem(n, path, fmt.Sprintf("%s is none of %s.", describe(n), strings.Join(w.Want, ", ")), didYouMean(w.Got, w.Want))
	default:
		d.problem(n, path, sentence(clip(err.Error(), 300)), "")
	}
}

// fields fills the struct that into points at from a mapping.
func (d *decoder) fields(n *yaml.Node, path string, into any, extra map[string]func(*yaml.Node)) {
	if n.Kind == yaml.AliasNode {
		return
	}
	fields := fieldsOf(reflect.ValueOf(into).Elem())
	if n.Kind != yaml.MappingNode {
		hint := ""
		if n.Kind == yaml.ScalarNode && n.Value != "" && len(fields) > 0 && fields[0].value.Kind() == reflect.String {
			hint = fmt.Sprintf("Write it as {%s: %s}.", fields[0].key, clip(checks.Plain(n.Value), 60))
		}
		d.problem(n, path, fmt.Sprintf("%q must be a mapping, not %s.", last(path), describe(n)), hint)
		return
	}
	each(n, func(k, v *yaml.Node) {
		at := below(path, k.Value)
		if f, ok := extra[k.Value]; ok {
			f(v)
			return
		}
		for _, f := range fields {
			if f.key == k.Value {
				d.value(v, at, f.value)
				return
			}
		}
		var known []string
		for _, f := range fields {
			known = append(known, f.key)
		}
		for key := range extra {
			known = append(known, key)
		}
		d.unknown(k, at, known)
	})
}

// field is a struct's field by its key in the file.
type field struct {
	key   string
	value reflect.Value
	// tighten is how it is compared with the floor's; see [tightening].
	tighten string
}

// fieldsOf are the fields that a file can set, those of inlined structs among
// them.
func fieldsOf(v reflect.Value) []field {
	var out []field
	for i := range v.NumField() {
		f := v.Type().Field(i)
		key, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case !f.IsExported() || key == "-":
		case strings.Contains(options, "inline"):
			out = append(out, fieldsOf(v.Field(i))...)
		case key != "":
			out = append(out, field{key, v.Field(i), f.Tag.Get("tighten")})
		}
	}
	return out
}

func (d *decoder) list(n *yaml.Node, path string, v reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		hint := ""
		if n.Kind == yaml.ScalarNode && n.Value != "" {
			hint = "Write it in brackets: [" + clip(checks.Plain(n.Value), 60) + "]"
		}
		d.problem(n, path, fmt.Sprintf("%q must be a list, not %s.", last(path), describe(n)), hint)
		return
	}
	out := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		d.value(item, path+"."+strconv.Itoa(i), out.Index(i))
	}
	v.Set(out)
}

var roleType = reflect.TypeFor[checks.RoleName]()

func (d *decoder) str(n *yaml.Node, path string, v reflect.Value) {
	// Numbers and dates are taken as they are written: +1 is a phrase.
	if n.Kind != yaml.ScalarNode || n.Tag == "!!bool" {
		d.wrongKind(n, path, "text")
		return
	}
	v.SetString(n.Value)
	if v.Type() != roleType {
		return
	}
	if _, ok := d.roles[checks.RoleName(n.Value)]; !ok {
		var known []string
		for name := range d.roles {
			if len(d.problems) > problemLimit {
				break // so many are not listed, and comparing them all would take long
			}
			known = append(known, string(name))
		}
		slices.Sort(known)
		d.problem(n, path, fmt.Sprintf("There is no role %s.", describe(n)), meant(n.Value, known))
	}
}

// texts fills a map of texts by names that the file chooses.
func (d *decoder) texts(n *yaml.Node, path string, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		d.wrongKind(n, path, "a mapping of names to texts")
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	each(n, func(k, value *yaml.Node) {
		text := reflect.New(v.Type().Elem()).Elem()
		d.value(value, below(path, k.Value), text)
		v.SetMapIndex(reflect.ValueOf(k.Value), text)
	})
}

func (d *decoder) boolean(n *yaml.Node, path string, v reflect.Value) {
	b, ok := boolean(n)
	if !ok {
		hint := ""
		switch strings.ToLower(n.Value) {
		case "yes", "on", "y", "1":
			hint = `Did you mean "true"?`
		case "no", "off", "n", "0":
			hint = `Did you mean "false"?`
		}
		d.problem(n, path, fmt.Sprintf("%q must be true or false, not %s.", last(path), describe(n)), hint)
		return
	}
	v.SetBool(b)
}

func boolean(n *yaml.Node) (value, ok bool) {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
		return false, false
	}
	return strings.EqualFold(n.Value, "true"), true
}

// decimal is an integer that can be read in one way only.
var decimal = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})$`)

func (d *decoder) integer(n *yaml.Node, path string, v reflect.Value) {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!int" || !decimal.MatchString(n.Value) {
		hint := ""
		if n.Kind == yaml.ScalarNode && n.Tag == "!!str" && decimal.MatchString(n.Value) {
			hint = "Write it without quotes."
		}
		d.problem(n, path, fmt.Sprintf("%q must be a whole number, 0 or more, in decimal digits, not %s.", last(path), describe(n)), hint)
		return
	}
	i, err := strconv.Atoi(n.Value)
	if err != nil {
		d.wrongKind(n, path, "a whole number")
		return
	}
	v.SetInt(int64(i))
}
