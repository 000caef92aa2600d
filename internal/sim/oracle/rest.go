package oracle

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/handrail-bot/handrail/internal/sim"
)

// rest judges REST exchanges.
type rest struct {
	doc   document
	paths []path
}

// path is a described path, cut at its slashes.
type path struct {
	text  string
	parts []string
	ops   map[string]any
}

func newRest(doc document) *rest {
	r := &rest{doc: doc}
	all, _ := doc["paths"].(map[string]any)
	mend(all)
	for text, v := range all {
		ops, _ := v.(map[string]any)
		r.paths = append(r.paths, path{text, strings.Split(text, "/"), ops})
	}
	// Literal parts go before placeholders, "{" being a late character.
	slices.SortFunc(r.paths, func(a, b path) int { return strings.Compare(a.text, b.text) })
	return r
}

// mend puts one mistake of the description right: an installation's account is
// a user or an enterprise, and cannot be both, as the list's form says.
func mend(paths map[string]any) {
	v := paths["/app/installations"]
	for _, step := range []string{"get", "responses", "200", "content", "application/json", "schema", "items", "properties", "account"} {
		o, _ := v.(map[string]any)
		v = o[step]
	}
	if account, ok := v.(map[string]any); ok && account["allOf"] != nil {
		account["anyOf"] = account["allOf"]
		delete(account, "allOf")
	}
}

// find is the described path of a request. The placeholders {path} and
// {basehead} take all that is left, slashes too.
func (r *rest) find(method, p string) (path, map[string]any) {
	parts := strings.Split(p, "/")
	for _, d := range r.paths {
		if op, ok := d.ops[strings.ToLower(method)].(map[string]any); ok && d.fits(parts) {
			return d, op
		}
	}
	return path{}, nil
}

func (d path) fits(parts []string) bool {
	for i, want := range d.parts {
		if i == len(d.parts)-1 && (want == "{path}" || want == "{basehead}") {
			return i < len(parts)
		}
		if i >= len(parts) || (want != parts[i] && !strings.HasPrefix(want, "{")) || strings.HasSuffix(want, "{head}") {
			return false
		}
	}
	return len(parts) == len(d.parts)
}

func (r *rest) judge(x sim.Exchange) []string {
	where := x.Method + " " + x.Path
	p, op := r.find(x.Method, x.Path)
	if op == nil {
		return []string{where + ": no such path in the description"}
	}
	var bad []string
	bad = append(bad, r.query(p, op, x.Query, where+" query")...)
	bad = append(bad, r.request(op, x.RequestBody, where+" request")...)
	if x.Fault == "" {
		bad = append(bad, r.answer(op, x, where+" answer")...)
	}
	return bad
}

// query wants every parameter in the URL to be described, and to fit.
func (r *rest) query(p path, op map[string]any, raw, at string) []string {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return []string{at + ": " + err.Error()}
	}
	known := map[string]any{}
	for _, v := range slices.Concat(list(op["parameters"]), list(p.ops["parameters"])) {
		if o := r.doc.deref(v); o["in"] == "query" {
			known[fmt.Sprint(o["name"])] = o["schema"]
		}
	}
	var bad []string
	for name, all := range values {
		schema, ok := known[name]
		if !ok {
			// GitHub's "next" links of a comparison carry page and per_page;
			// deliveries' carry a cursor: both are described. No other is.
			bad = append(bad, at+": "+name+" is not described")
			continue
		}
		var v any = all[0]
		if t := r.doc.deref(schema)["type"]; t == "integer" || t == "number" {
			if n, err := strconv.ParseFloat(all[0], 64); err == nil {
				v = n
			}
		} else if t == "boolean" {
			v = all[0] == "true"
		}
		bad = append(bad, r.doc.check(schema, v, at+"."+name)...)
	}
	return bad
}

func (r *rest) request(op map[string]any, body []byte, at string) []string {
	schema := jsonSchema(r.doc.deref(op["requestBody"]))
	if schema == nil || len(body) == 0 {
		return nil
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return []string{at + ": " + err.Error()}
	}
	// go-github sends labels as a bare array, which GitHub takes.
	if all, ok := v.([]any); ok && op["operationId"] == "issues/add-labels" {
		v = map[string]any{"labels": all}
	}
	return r.doc.check(schema, v, at)
}

func (r *rest) answer(op map[string]any, x sim.Exchange, at string) []string {
	responses, _ := op["responses"].(map[string]any)
	d := r.doc.deref(responses[strconv.Itoa(x.Status)])
	if d == nil {
		if x.Status < 400 {
			return []string{fmt.Sprintf("%s: status %d is not described", at, x.Status)}
		}
		d = r.doc.deref(map[string]any{"$ref": "#/components/responses/not_found"})
	}
	schema := jsonSchema(d)
	if schema == nil {
		return nil
	}
	var v any
	if err := json.Unmarshal(x.Answer, &v); err != nil {
		if strings.Contains(x.Header.Get("Accept"), "raw") {
			return nil
		}
		return []string{at + ": " + err.Error()}
	}
	return r.doc.check(schema, v, at)
}

// jsonSchema is the schema of a body's JSON form.
func jsonSchema(body map[string]any) any {
	content, _ := body["content"].(map[string]any)
	form, _ := content["application/json"].(map[string]any)
	return form["schema"]
}
