package oracle

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/handrail-bot/handrail/internal/sim"
)

// rest judges REST exchanges.
type rest struct {
	routes  routers.Router
	options *openapi3filter.Options
}

func readRest(file string) (*rest, error) {
	all, err := readDescription(file)
	if err != nil {
		return nil, err
	}
	part, err := all.cut(paths(), nil)
	if err != nil {
		return nil, err
	}
	doc, err := part.load()
	if err != nil {
		return nil, err
	}
	mend(doc)
	routes, err := legacy.NewRouter(doc, leniency()...)
	return &rest{routes, &openapi3filter.Options{
		MultiError:            true,
		IncludeResponseStatus: true,
		SkipSettingDefaults:   true,

		SchemaValidationOptions: strictness(),
	}}, err
}

func (r *rest) judge(x sim.Exchange) []string {
	where := x.Method + " " + x.Path
	req, err := http.NewRequest(x.Method, (&url.URL{Path: x.Path, RawQuery: x.Query}).String(), bytes.NewReader(x.RequestBody))
	if err != nil {
		return []string{where + ": " + err.Error()}
	}
	// GitHub takes every body as JSON, whatever its header says of it.
	req.Header.Set("Content-Type", "application/json")
	route, placeholders, err := r.routes.FindRoute(req)
	if err != nil {
		return []string{where + ": no such path in what the oracle reads of the description"}
	}
	bad := undescribed(route, req.URL.Query(), where)
	in := &openapi3filter.RequestValidationInput{Request: req, PathParams: placeholders, Route: route, Options: r.options}
	bad = append(bad, complaints(where+" request", openapi3filter.ValidateRequest(context.Background(), in))...)
	if x.Fault != "" {
		return bad
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: x.Status, Header: x.AnswerHeader, Options: r.options}
	out.SetBodyBytes(x.Answer)
	return append(bad, complaints(fmt.Sprintf("%s answer %d", where, x.Status), openapi3filter.ValidateResponse(context.Background(), out))...)
}

// undescribed are the parameters in the URL that GitHub does not take, which
// the library lets pass.
func undescribed(route *routers.Route, query url.Values, at string) []string {
	var bad []string
	for name := range query {
		known := func(p *openapi3.ParameterRef) bool {
			return p.Value.In == openapi3.ParameterInQuery && p.Value.Name == name
		}
		if !slices.ContainsFunc(route.Operation.Parameters, known) && !slices.ContainsFunc(route.PathItem.Parameters, known) {
			bad = append(bad, at+" query: "+name+" is not described")
		}
	}
	slices.SortFunc(bad, cmp.Compare[string])
	return bad
}
