package hub

import (
	"net/http"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// refsAnswer is where branches and tags are.
type refsAnswer struct {
	Default *struct {
		Name string `json:"name"`
		baseAnswer
	} `json:"defaultBranchRef"`
	Heads *connection[refAnswer] `json:"heads"`
	Tags  *connection[refAnswer] `json:"tags"`
}

func (a *refsAnswer) glance(at time.Time, appID int64) (*checks.RefGlance, error) {
	out := &checks.RefGlance{Heads: map[string]string{}, Tags: map[string]string{}}
	out.Default.At, out.Default.AppID = at, appID
	if d := a.Default; d != nil {
		if d.Target == nil || d.Target.OID == "" {
			return nil, &Error{Op: opOpen, Status: http.StatusOK, What: "GitHub did not say where the default branch is"}
		}
		out.Default.Name, out.Default.Default, out.Default.SHA = d.Name, d.Name, d.Target.OID
		out.Default.Requires, out.Default.RulesKnown = rulesOf(&d.baseAnswer)
	}
	for _, l := range []struct {
		from *connection[refAnswer]
		into map[string]string
		next *string
	}{{a.Heads, out.Heads, &out.HeadsAfter}, {a.Tags, out.Tags, &out.TagsAfter}} {
		list, next, err := refList(opOpen, l.from)
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			l.into[r.Name] = r.OID
		}
		*l.next = next
	}
	return out, nil
}
