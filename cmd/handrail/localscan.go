package main

import (
	"context"
	"crypto/rand"
	"io"
	"os"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/scan"
)

// localScanner is the server's scanner with a key of its own: what it calls a
// secret here is called otherwise there, so that nobody can try values here.
func localScanner() *scan.Scanner {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails (Go 1.24)
	return scan.New(key)
}

// scan looks at what the working copy changes, and for secrets at each commit
// that a push would bring too, with its message.
func (w *workCopy) scan(ctx context.Context, say io.Writer, scanner *scan.Scanner, patterns checks.Patterns) (checks.Scan, []checks.Secret, error) {
	whole, err := scanner.Patch(ctx, w.patch, patterns)
	if err != nil {
		return checks.Scan{}, nil, err
	}
	s := checks.Scan{Engine: scanner.Engine(), Whole: &whole}
	commits, err := w.commits(ctx)
	if err != nil {
		return s, nil, err
	}
	told := func(done, total int64) {}
	if terminal(say) {
		told = progress(say, "commits scanned:")
	}
	var written []checks.Secret
	for i, c := range commits {
		told(int64(i), int64(len(commits)))
		for _, text := range c.texts() {
			_, found := scanner.Scrub(*text)
			for _, secret := range found {
				secret.In, secret.Of = checks.InMessage, c.sha
				written = append(written, secret)
			}
		}
		p, err := w.commitPatch(ctx, c)
		if err != nil {
			return s, nil, err
		}
		one, err := scanner.Secrets(ctx, p)
		if err != nil {
			return s, nil, err
		}
		if one.SHA = c.sha; len(one.Secrets)+len(one.Incomplete) > 0 {
			s.Commits = append(s.Commits, one)
		}
		s.Scanned++
	}
	return s, written, nil
}

// terminal says whether somebody looks at what is written.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
