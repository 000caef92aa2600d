package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/values"
)

// values reads the changed files as they are here, and as they were where the
// working copy left its base.
func (c *localCheck) values(ctx context.Context, asked checks.Valuation) checks.Values {
	out := checks.Values{Engine: values.Engine}
	for _, f := range c.files {
		if f.Status == "removed" || !slices.ContainsFunc(asked.Files, func(g checks.Glob) bool { return g.Match(f.Path) }) {
			continue
		}
		one := checks.ValueFile{Path: f.Path, Previous: f.Previous}
		if info, err := os.Lstat(filepath.Join(c.dir, f.Path)); err != nil {
			one.HeadFault = "it cannot be read"
		} else if text, unread := c.readFile(f.Path, info); unread != "" {
			one.HeadFault = unread
		} else {
			found := values.Read(f.Path, text, asked.Keys)
			one.Format, one.Head, one.HeadFault = found.Format, found.Values, found.Fault
		}
		if f.Status != "added" && f.Status != "copied" {
			was := f.Path
			if f.Previous != "" {
				was = f.Previous
			}
			if text, unread := c.blob(ctx, c.from+":"+was); unread != "" {
				one.BaseFault = unread
			} else {
				found := values.Read(was, text, asked.Keys)
				one.Base, one.BaseFault = found.Values, found.Fault
			}
		}
		out.Files = append(out.Files, one)
	}
	return out
}
