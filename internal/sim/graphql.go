package sim

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// resolvers says how each field of each type is answered. A field that is not
// in it is refused by name.
type resolvers map[string]map[string]resolver

type resolver func(x *execution, v any, a args) (any, error)

// object is a value of a GraphQL type that has no Go type of its own.
type object struct {
	kind string
	m
}

// connection is a list to be paged; edge adds to an edge what is not its node.
type connection struct {
	kind  string // such as "Label", of LabelConnection
	items []any
	total int // when larger than len(items): what GitHub cut
	edge  func(item any) m
}

// args are a field's arguments, with variables filled in.
type args map[string]any

func (a args) text(name string) string {
	s, _ := a[name].(string)
	return s
}

func (a args) has(name string) bool { return a[name] != nil }

func (a args) int(name string) int {
	switch v := a[name].(type) {
	case int64:
		return int(v)
	case float64:
		return int(v)
	}
	return 0
}

func (a args) texts(name string) []string {
	var out []string
	switch v := a[name].(type) {
	case []any:
		for _, e := range v {
			out = append(out, fmt.Sprint(e))
		}
	case string:
		out = []string{v}
	}
	return out
}

func (a args) object(name string) args {
	o, _ := a[name].(map[string]any)
	return o
}

// graphError is an error with GitHub's type of it.
type graphError struct{ kind, message string }

func (e graphError) Error() string { return e.message }

func notFound(format string, v ...any) error {
	return graphError{"NOT_FOUND", fmt.Sprintf(format, v...)}
}
func unprocessable(err error) error { return graphError{"UNPROCESSABLE", err.Error()} }

var errForbidden = graphError{"FORBIDDEN", "Resource not accessible by integration"}

// graphQuery is a request, parsed.
type graphQuery struct {
	doc  *ast.QueryDocument
	op   *ast.OperationDefinition
	vars map[string]any
	err  error
}

// parseGraphQL reads the body, and notes for the log what it asks for.
func (c *call) parseGraphQL() *graphQuery {
	var in struct {
		Query         string
		Variables     map[string]any
		OperationName string
	}
	if err := json.Unmarshal(c.body, &in); err != nil {
		return &graphQuery{err: githubSays("Problems parsing JSON")}
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: in.Query})
	if err != nil {
		return &graphQuery{err: err}
	}
	q := &graphQuery{doc: doc, vars: in.Variables}
	for _, op := range doc.Operations {
		if in.OperationName == "" || op.Name == in.OperationName {
			q.op = op
			break
		}
	}
	if q.op == nil {
		q.err = githubSays("No operation named \"" + in.OperationName + "\"")
		return q
	}
	for _, v := range q.op.VariableDefinitions {
		if _, ok := q.vars[v.Variable]; !ok && v.DefaultValue != nil {
			if q.vars == nil {
				q.vars = map[string]any{}
			}
			q.vars[v.Variable], _ = v.DefaultValue.Value(nil)
		}
		if v.Type.NonNull && q.vars[v.Variable] == nil {
			q.err = githubSays("Variable $" + v.Variable + " of type " + v.Type.String() + " was provided invalid value")
		}
	}
	c.req.Operation, c.req.Write = q.op.Name, q.op.Operation == ast.Mutation
	cost := &costing{q: q}
	cost.walk(q.op.SelectionSet, 1)
	c.req.Fields = cost.fields
	c.req.Cost = max(1, (cost.requests+50)/100)
	if c.req.Write {
		for _, s := range q.op.SelectionSet {
			if f, ok := s.(*ast.Field); ok {
				c.req.Mutations = append(c.req.Mutations, f.Name)
			}
		}
	}
	return q
}

// costing counts by GitHub's published formula: every connection is one request
// for each of its parents' nodes, a point is a hundred of them.
type costing struct {
	q               *graphQuery
	fields          []string
	requests, nodes int
}

func (k *costing) walk(set ast.SelectionSet, parents int) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if !slices.Contains(k.fields, s.Name) {
				k.fields = append(k.fields, s.Name)
			}
			n := 0
			for _, a := range s.Arguments {
				if a.Name == "first" || a.Name == "last" {
					v, _ := a.Value.Value(k.q.vars)
					n = args{"n": v}.int("n")
				}
			}
			if n > 0 {
				k.requests += parents
				k.nodes += parents * n
				k.walk(s.SelectionSet, parents*n)
				continue
			}
			k.walk(s.SelectionSet, parents)
		case *ast.InlineFragment:
			k.walk(s.SelectionSet, parents)
		case *ast.FragmentSpread:
			if f := k.q.doc.Fragments.ForName(s.Name); f != nil {
				k.walk(f.SelectionSet, parents)
			}
		}
	}
}

func (c *call) answerGraphQL(q *graphQuery) {
	if c.token == nil {
		c.refuse(http.StatusForbidden, "Resource not accessible by integration")
		return
	}
	if q.err != nil {
		c.req.Errors = 1
		c.ok(m{"errors": []m{{"message": q.err.Error()}}})
		return
	}
	cost := &costing{q: q}
	cost.walk(q.op.SelectionSet, 1)
	x := &execution{gh: c.gh, call: c, query: q, nodes: cost.nodes}
	root := object{kind: bool2(q.op.Operation == ast.Mutation, "Mutation", "Query")}
	data, failed := x.fields(root, q.op.SelectionSet, nil)
	out := m{"data": data}
	if x.broken != nil {
		out = m{"errors": x.broken}
	} else if failed {
		out["data"] = nil
	}
	if x.broken == nil && len(x.errs) > 0 {
		out["errors"] = x.errs
	}
	c.req.Errors = len(x.errs) + len(x.broken)
	c.ok(out)
}

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

// connect pages a list by first/after or last/before, at most 100 as GitHub.
func (x *execution) connect(c connection, a args, f *ast.Field, path []any) any {
	first, last := a.int("first"), a.int("last")
	if first <= 0 && last <= 0 {
		x.fail(path, graphError{"MISSING_PAGINATION_BOUNDARIES", fmt.Sprintf("You must provide a `first` or `last` value to properly paginate the `%s` connection.", f.Name)})
		return nil
	}
	if max(first, last) > 100 {
		x.fail(path, graphError{"EXCESSIVE_PAGINATION", fmt.Sprintf("Requesting %d records on the `%s` connection exceeds the `first` limit of 100 records.", max(first, last), f.Name)})
		return nil
	}
	from, to := 0, len(c.items)
	if s := a.text("after"); s != "" {
		from = min(max(0, cursorAt(s)+1), to)
	}
	if s := a.text("before"); s != "" {
		to = max(from, min(to, cursorAt(s)))
	}
	if first > 0 {
		to = min(to, from+first)
	} else {
		from = max(from, to-last)
	}
	info := object{"PageInfo", m{"hasNextPage": to < len(c.items), "hasPreviousPage": from > 0, "startCursor": nil, "endCursor": nil}}
	if from < to {
		info.m["startCursor"], info.m["endCursor"] = cursor(from), cursor(to-1)
	}
	nodes, edges := []any{}, []any{}
	for i := from; i < to; i++ {
		e := m{"cursor": cursor(i), "node": c.items[i]}
		if c.edge != nil {
			for k, v := range c.edge(c.items[i]) {
				e[k] = v
			}
		}
		nodes, edges = append(nodes, c.items[i]), append(edges, object{c.kind + "Edge", e})
	}
	whole := object{c.kind + "Connection", m{"totalCount": max(c.total, len(c.items)), "pageInfo": info, "nodes": nodes, "edges": edges}}
	out := m{}
	for _, s := range x.flat(whole.kind, f.SelectionSet) {
		if s.Name == "__typename" {
			out[s.Alias] = whole.kind
			continue
		}
		p := append(slices.Clone(path), s.Alias)
		if x.fault(s.Name, s.Alias) != nil {
			x.fail(p, githubSays("Something went wrong while executing your query."))
			out[s.Alias] = nil
			continue
		}
		v, ok := whole.m[s.Name]
		if !ok {
			x.unsupported(s.Name, whole.kind)
			continue
		}
		out[s.Alias] = x.complete(v, nil, s, p)
	}
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

func cursor(i int) string {
	return base64.StdEncoding.EncodeToString([]byte("cursor:" + strconv.Itoa(i)))
}

func cursorAt(s string) int {
	raw, err := base64.StdEncoding.DecodeString(s)
	n, err2 := strconv.Atoi(strings.TrimPrefix(string(raw), "cursor:"))
	if err != nil || err2 != nil {
		return -1
	}
	return n
}

// items makes a connection's list of anything.
func items[T any](all []T) []any {
	out := make([]any, len(all))
	for i, v := range all {
		out[i] = v
	}
	return out
}
