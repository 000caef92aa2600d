package oracle

import (
	"encoding/json"
	"strings"

	"github.com/handrail-bot/handrail/internal/sim"
)

// hooks judges webhooks.
type hooks struct{ doc document }

func (h *hooks) judge(x sim.Exchange) []string {
	name := x.Event
	if x.Action != "" {
		name += "-" + x.Action
	}
	name = strings.ReplaceAll(name, "_", "-")
	all, _ := h.doc["webhooks"].(map[string]any)
	hook, _ := all[name].(map[string]any)
	post, _ := hook["post"].(map[string]any)
	schema := jsonSchema(h.doc.deref(post["requestBody"]))
	if schema == nil {
		return []string{"webhook " + name + " is not described"}
	}
	var v any
	if err := json.Unmarshal(x.RequestBody, &v); err != nil {
		return []string{"webhook " + name + ": " + err.Error()}
	}
	return h.doc.check(schema, v, "webhook "+name)
}
