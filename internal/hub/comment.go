package hub

import (
	"context"

	"github.com/handrail-bot/handrail/checks"
)

// answer writes the comments of a plan.
func (p *publishing) answer(ctx context.Context) error {
	b := &batch{}
	for i, a := range p.actions {
		if a.Kind == checks.AddComment {
			b.add(i, "AddCommentInput", "addComment", "commentEdge { node { id } }", map[string]any{"subjectId": p.pull.ID, "body": cut(a.Body, commentLimit)})
		}
	}
	return p.send(ctx, b)
}

// commentLimit is how many characters a comment may have; GitHub refuses a longer one
// with this number.
const commentLimit = 65536
