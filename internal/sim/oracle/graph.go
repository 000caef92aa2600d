package oracle

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/handrail-bot/handrail/internal/sim"
)

// graph judges GraphQL exchanges.
type graph struct{ schema *ast.Schema }

func readGraph(file string) (*graph, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	doc, err := parser.ParseSchemas(validator.Prelude, &ast.Source{Name: file, Input: string(text)})
	if err != nil {
		return nil, err
	}
	// What GitHub published defines some fields twice, which no parser takes.
	for _, def := range doc.Definitions {
		seen := map[string]bool{}
		def.Fields = slices.DeleteFunc(def.Fields, func(f *ast.FieldDefinition) bool {
			twice := seen[f.Name]
			seen[f.Name] = true
			return twice
		})
	}
	s, err := validator.ValidateSchemaDocument(doc)
	if err != nil {
		return nil, err
	}
	return &graph{s}, nil
}

func (g *graph) judge(x sim.Exchange) []string {
	var in struct {
		Query         string
		Variables     map[string]any
		OperationName string
	}
	if err := json.Unmarshal(x.RequestBody, &in); err != nil {
		return []string{"GraphQL request: " + err.Error()}
	}
	doc, errs := gqlparser.LoadQueryWithRules(g.schema, in.Query, rules.NewDefaultRules())
	if errs != nil {
		return []string{"GraphQL query: " + errs.Error()}
	}
	op := doc.Operations.ForName(in.OperationName)
	if op == nil {
		return []string{"GraphQL query: no operation " + in.OperationName}
	}
	vars, err := validator.VariableValues(g.schema, op, in.Variables)
	if err != nil {
		return []string{"GraphQL variables: " + err.Error()}
	}
	if x.Fault != "" || x.Status != 200 {
		return nil
	}
	var out struct{ Data map[string]any }
	if err := json.Unmarshal(x.Answer, &out); err != nil {
		return []string{"GraphQL answer: " + err.Error()}
	}
	if out.Data == nil {
		return nil
	}
	root := g.schema.Query
	if op.Operation == ast.Mutation {
		root = g.schema.Mutation
	}
	w := walker{g, vars}
	return w.object(root, []ast.SelectionSet{op.SelectionSet}, out.Data, "GraphQL "+op.Name)
}

// walker compares an answer with the types of what was asked.
type walker struct {
	*graph
	vars map[string]any
}

// object judges one object. Where its type is abstract and the answer has no
// __typename, it must fit one of the possible types.
func (w walker) object(def *ast.Definition, sets []ast.SelectionSet, v map[string]any, at string) []string {
	if def.IsAbstractType() {
		possible := w.schema.GetPossibleTypes(def)
		var closest []string
		for i, p := range possible {
			if name, ok := v["__typename"].(string); ok && name != p.Name {
				continue
			}
			bad := w.object(p, sets, v, at)
			if len(bad) == 0 {
				return nil
			}
			if i == 0 || closest == nil || len(bad) < len(closest) {
				closest = bad
			}
		}
		return append([]string{at + " fits none of the types of " + def.Name}, closest...)
	}
	asked := map[string][]*ast.Field{}
	for _, set := range sets {
		w.collect(def, set, asked)
	}
	var bad []string
	for alias, fields := range asked {
		got, ok := v[alias]
		if !ok {
			bad = append(bad, at+"."+alias+" is missing")
			continue
		}
		if fields[0].Name == "__typename" {
			if got != def.Name {
				bad = append(bad, fmt.Sprintf("%s.__typename is %v, want %s", at, got, def.Name))
			}
			continue
		}
		var subs []ast.SelectionSet
		for _, f := range fields {
			subs = append(subs, f.SelectionSet)
		}
		bad = append(bad, w.value(def.Fields.ForName(fields[0].Name).Type, subs, got, at+"."+alias)...)
	}
	for alias := range v {
		if asked[alias] == nil {
			bad = append(bad, at+"."+alias+" was not asked for")
		}
	}
	slices.Sort(bad)
	return bad
}

// collect gathers the fields that a selection asks of a type.
func (w walker) collect(def *ast.Definition, set ast.SelectionSet, into map[string][]*ast.Field) {
	applies := func(condition string) bool {
		if condition == "" || condition == def.Name {
			return true
		}
		return slices.Contains(w.schema.GetPossibleTypes(w.schema.Types[condition]), def)
	}
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if w.skipped(s.Directives) {
				continue
			}
			into[s.Alias] = append(into[s.Alias], s)
		case *ast.InlineFragment:
			if applies(s.TypeCondition) {
				w.collect(def, s.SelectionSet, into)
			}
		case *ast.FragmentSpread:
			if applies(s.Definition.TypeCondition) {
				w.collect(def, s.Definition.SelectionSet, into)
			}
		}
	}
}

func (w walker) skipped(all ast.DirectiveList) bool {
	for _, d := range all {
		if on, _ := d.ArgumentMap(w.vars)["if"].(bool); on == (d.Name == "skip") {
			return true
		}
	}
	return false
}

func (w walker) value(t *ast.Type, subs []ast.SelectionSet, v any, at string) []string {
	if v == nil {
		if t.NonNull {
			return []string{at + " is null, want " + t.String()}
		}
		return nil
	}
	if t.Elem != nil {
		all, ok := v.([]any)
		if !ok {
			return []string{at + " is no list"}
		}
		var bad []string
		for i, e := range all {
			bad = append(bad, w.value(t.Elem, subs, e, fmt.Sprintf("%s[%d]", at, i))...)
		}
		return bad
	}
	def := w.schema.Types[t.NamedType]
	switch def.Kind {
	case ast.Enum:
		if s, _ := v.(string); def.EnumValues.ForName(s) == nil {
			return []string{fmt.Sprintf("%s is %v, which is no %s", at, v, def.Name)}
		}
	case ast.Scalar:
		if !fitsScalar(def.Name, v) {
			return []string{fmt.Sprintf("%s is %v, which is no %s", at, v, def.Name)}
		}
	default:
		o, ok := v.(map[string]any)
		if !ok {
			return []string{at + " is no object"}
		}
		return w.object(def, subs, o, at)
	}
	return nil
}

func fitsScalar(name string, v any) bool {
	s, isString := v.(string)
	n, isNumber := v.(float64)
	switch name {
	case "Int":
		return isNumber && n == float64(int32(n))
	case "Float":
		return isNumber
	case "Boolean":
		_, ok := v.(bool)
		return ok
	case "DateTime", "GitTimestamp", "PreciseDateTime":
		_, err := time.Parse(time.RFC3339, s)
		return err == nil
	case "GitObjectID":
		return len(s) == 40
	}
	return isString
}
