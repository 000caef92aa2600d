package sim

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

// execution answers one operation.
type execution struct {
	gh     *GitHub
	call   *call
	query  *graphQuery
	nodes  int
	errs   []m
	broken []m // errors of the query itself: there is no data
}

func (x *execution) fault(field, alias string) *Failure {
	if f := x.call.fault; f != nil && f.kind == failPartial && (f.field == field || f.field == alias) {
		return f
	}
	return nil
}

func (x *execution) fail(path []any, err error) {
	e := m{"message": err.Error(), "path": slices.Clone(path)}
	var g graphError
	if errors.As(err, &g) {
		e["type"] = g.kind
	}
	x.errs = append(x.errs, e)
}

func (x *execution) unsupported(field, kind string) {
	x.broken = append(x.broken, m{"message": fmt.Sprintf("sim: field %s on %s is not supported", field, kind)})
}

// fields answers a selection on a value. Fragments merge into it.
func (x *execution) fields(v any, set ast.SelectionSet, path []any) (m, bool) {
	out := m{}
	x.into(out, v, set, path)
	return out, false
}

func (x *execution) into(out m, v any, set ast.SelectionSet, path []any) {
	kind := typeName(v)
	for _, s := range set {
		switch s := s.(type) {
		case *ast.FragmentSpread:
			f := x.query.doc.Fragments.ForName(s.Name)
			if f == nil {
				x.broken = append(x.broken, m{"message": "Fragment " + s.Name + " was used, but not defined"})
			} else if is(kind, f.TypeCondition) {
				x.into(out, v, f.SelectionSet, path)
			}
		case *ast.InlineFragment:
			if s.TypeCondition == "" || is(kind, s.TypeCondition) {
				x.into(out, v, s.SelectionSet, path)
			}
		case *ast.Field:
			if !x.wanted(s.Directives) {
				continue
			}
			got := x.field(v, kind, s, append(slices.Clone(path), s.Alias))
			if old, ok := out[s.Alias].(m); ok {
				if more, ok := got.(m); ok {
					merge(old, more)
					continue
				}
			}
			out[s.Alias] = got
		}
	}
}

func merge(into, from m) {
	for k, v := range from {
		if a, ok := into[k].(m); ok {
			if b, ok := v.(m); ok {
				merge(a, b)
				continue
			}
		}
		into[k] = v
	}
}

// wanted obeys @include and @skip.
func (x *execution) wanted(all ast.DirectiveList) bool {
	for _, d := range all {
		if a := d.Arguments.ForName("if"); a != nil {
			v, _ := a.Value.Value(x.query.vars)
			if on, _ := v.(bool); on == (d.Name == "skip") {
				return false
			}
		}
	}
	return true
}

func (x *execution) field(v any, kind string, f *ast.Field, path []any) any {
	if f.Name == "__typename" {
		return kind
	}
	a := args{}
	for _, arg := range f.Arguments {
		got, err := arg.Value.Value(x.query.vars)
		if err != nil {
			x.fail(path, err)
			return nil
		}
		a[arg.Name] = got
	}
	answer := x.gh.graph[kind][f.Name]
	if answer == nil {
		x.unsupported(f.Name, kind)
		return nil
	}
	bad := x.fault(f.Name, f.Alias)
	if bad != nil && !bad.after {
		x.fail(path, githubSays("Something went wrong while executing your query."))
		return nil
	}
	got, err := answer(x, v, a)
	if err == nil && bad != nil {
		err = githubSays("Something went wrong while executing your query.")
	}
	if err != nil {
		x.fail(path, err)
		return nil
	}
	return x.complete(got, a, f, path)
}

// complete turns what a resolver gave into JSON.
func (x *execution) complete(v any, a args, f *ast.Field, path []any) any {
	switch v := v.(type) {
	case nil:
		return nil
	case time.Time:
		return date(v)
	case connection:
		return x.connect(v, a, f, path)
	case string, bool, int, int64, []string:
		return v
	case []any:
		out := []any{}
		for i, e := range v {
			out = append(out, x.complete(e, nil, f, append(slices.Clone(path), i)))
		}
		return out
	}
	if rv := reflect.ValueOf(v); rv.Kind() == reflect.Pointer && rv.IsNil() {
		return nil
	}
	if f.SelectionSet == nil {
		x.broken = append(x.broken, m{"message": fmt.Sprintf("Field must have selections (field '%s' returns %s but has no selections)", f.Name, typeName(v))})
		return nil
	}
	out, _ := x.fields(v, f.SelectionSet, path)
	return out
}

// flat is a selection with its fragments for one type put in.
func (x *execution) flat(kind string, set ast.SelectionSet) []*ast.Field {
	var out []*ast.Field
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			out = append(out, s)
		case *ast.InlineFragment:
			out = append(out, x.flat(kind, s.SelectionSet)...)
		case *ast.FragmentSpread:
			if f := x.query.doc.Fragments.ForName(s.Name); f != nil && f.TypeCondition == kind {
				out = append(out, x.flat(kind, f.SelectionSet)...)
			}
		}
	}
	return out
}
