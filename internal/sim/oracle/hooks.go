package oracle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/handrail-bot/handrail/internal/sim"
)

// hooks judges webhooks. Each is cut from the description when it is first
// sent: most never are.
type hooks struct {
	all description

	mu   sync.Mutex
	read map[string]*openapi3.Schema
}

func readHooks(file string) (*hooks, error) {
	all, err := readDescription(file)
	return &hooks{all: all, read: map[string]*openapi3.Schema{}}, err
}

func (h *hooks) judge(x sim.Exchange) []string {
	name := x.Event
	if x.Action != "" {
		name += "-" + x.Action
	}
	name = strings.ReplaceAll(name, "_", "-")
	schema, err := h.schema(name)
	if err != nil {
		return []string{err.Error()}
	}
	var v any
	if err := json.Unmarshal(x.RequestBody, &v); err != nil {
		return []string{"webhook " + name + ": " + err.Error()}
	}
	// The description is of OpenAPI 3.1, of which it uses only lists of types.
	// The validator of 3.0 knows them, that of 3.1 would be made anew each time.
	return complaints("webhook "+name, schema.VisitJSON(v, strictness()...))
}

// schema is that of a webhook's body.
func (h *hooks) schema(name string) (*openapi3.Schema, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s := h.read[name]; s != nil {
		return s, nil
	}
	part, err := h.all.cut(nil, []string{name})
	if err != nil {
		return nil, err
	}
	doc, err := part.load()
	if err != nil {
		return nil, fmt.Errorf("load webhook %s: %w", name, err)
	}
	if err := doc.Validate(context.Background(), leniency()...); err != nil {
		return nil, fmt.Errorf("validate webhook %s: %w", name, err)
	}
	body := doc.Webhooks[name].Post.RequestBody.Value.Content["application/json"]
	if body == nil {
		return nil, errors.New("webhook " + name + " has no JSON body in the description")
	}
	if name == "deployment-created" { // null in recorded payloads, where no workflow deploys
		orNull(body.Schema.Value, "workflow")
	}
	h.read[name] = body.Schema.Value
	return h.read[name], nil
}
