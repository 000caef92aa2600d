package hub

import (
	"context"
	"fmt"
	"slices"

	"github.com/handrail-bot/handrail/checks"
)

// contentsChunk is how many files are asked for in one request: GitHub gives up to
// 512,000 bytes of each.
const contentsChunk = 20

// Contents are files at a commit, by path. One that is larger than limit, in bytes,
// or that is no ordinary file, says so instead.
func (h *Hub) Contents(ctx context.Context, s checks.Subject, commit string, paths []string, limit int) (map[string]checks.Content, error) {
	if !isCommit(commit) {
		return nil, &Error{Op: opTexts, What: "asked for the files of what is no commit"}
	}
	c, err := h.client(s.Installation)
	if err != nil {
		return nil, err
	}
	out := make(map[string]checks.Content, len(paths))
	for part := range slices.Chunk(paths, contentsChunk) {
		found, err := h.filesAt(ctx, c, s, commit, part)
		if err != nil {
			return nil, err
		}
		for i, p := range part {
			if out[p], err = h.content(ctx, c, s, found[fmt.Sprintf("f%d", i)], limit); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// content is one file, as far as it could be read.
func (h *Hub) content(ctx context.Context, c *client, s checks.Subject, f *fileAnswer, limit int) (checks.Content, error) {
	switch {
	case f == nil:
		return checks.Content{Absent: true}, nil
	case f.Mode == modeLink:
		return checks.Content{Blob: f.OID, Fault: "it is a symbolic link"}, nil
	}
	text, broken, err := h.blob(ctx, c, s, &f.textAnswer, limit)
	if broken != "" {
		text = ""
	}
	return checks.Content{Blob: f.OID, Text: text, Fault: broken}, err
}
