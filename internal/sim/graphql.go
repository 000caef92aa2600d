package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

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
