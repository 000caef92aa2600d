package oracle

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"

	"github.com/getkin/kin-openapi/openapi3"
)

// description is an OpenAPI file whose parts are not yet looked into. GitHub's
// are too big to load whole, and fail their own validation where nobody here
// looks.
type description struct {
	OpenAPI    string                                `json:"openapi"`
	Info       json.RawMessage                       `json:"info"`
	Paths      map[string]json.RawMessage            `json:"paths"`
	Webhooks   map[string]json.RawMessage            `json:"webhooks,omitempty"`
	Components map[string]map[string]json.RawMessage `json:"components"`
}

func readDescription(file string) (description, error) {
	var d description
	text, err := os.ReadFile(file)
	if err != nil {
		return d, err
	}
	return d, json.Unmarshal(text, &d)
}

// cut is what is described of some paths and webhooks, with the components they
// lead to.
func (d description) cut(paths, webhooks []string) (description, error) {
	c := description{OpenAPI: d.OpenAPI, Info: d.Info, Paths: map[string]json.RawMessage{},
		Webhooks: map[string]json.RawMessage{}, Components: map[string]map[string]json.RawMessage{}}
	for _, name := range paths {
		if d.Paths[name] == nil {
			return c, fmt.Errorf("path %s is not described", name)
		}
		c.Paths[name] = d.Paths[name]
		d.follow(c, d.Paths[name])
	}
	for _, name := range webhooks {
		if d.Webhooks[name] == nil {
			return c, fmt.Errorf("webhook %s is not described", name)
		}
		c.Webhooks[name] = d.Webhooks[name]
		d.follow(c, d.Webhooks[name])
	}
	return c, nil
}

// follow adds to a cut the components that text refers to.
func (d description) follow(c description, text json.RawMessage) {
	for _, ref := range reference.FindAllSubmatch(text, -1) {
		kind, name := string(ref[1]), string(ref[2])
		if c.Components[kind] == nil {
			c.Components[kind] = map[string]json.RawMessage{}
		}
		if part := d.Components[kind][name]; c.Components[kind][name] == nil && part != nil {
			c.Components[kind][name] = part
			d.follow(c, part)
		}
	}
}

// reference is how a description refers to one of its components.
var reference = regexp.MustCompile(`"\$ref":\s*"#/components/(\w+)/([^"]+)"`)

// load makes the description one to judge by. It is not yet validated.
func (d description) load() (*openapi3.T, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	return openapi3.NewLoader().LoadFromData(text)
}

// leniency is what a description need not get right to be judged by: many
// examples and defaults do not fit what they are of.
func leniency() []openapi3.ValidationOption {
	return []openapi3.ValidationOption{openapi3.DisableExamplesValidation(), openapi3.DisableSchemaDefaultsValidation()}
}
