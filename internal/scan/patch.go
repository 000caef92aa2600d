package scan

import (
	"context"
	"fmt"
	"slices"

	"github.com/handrail-bot/handrail/checks"
)

// listLimit is how many entries a list of a [checks.PatchScan] holds, and how many
// secrets a [checks.CommitScan] does.
const listLimit = 200

// Patch looks at all that a change does. What the patterns ask for is looked for
// in added and removed lines, all else in added ones; a secret that the same file
// had before is none. The error is the context's: nothing is told in part.
func (s *Scanner) Patch(ctx context.Context, p checks.Patch, w checks.Patterns) (checks.PatchScan, error) {
	watch := compile(w)
	out := checks.PatchScan{Files: len(p.Files), Incomplete: beyond(p)}
	for i := range p.Files {
		f, secrets, err := s.file(ctx, &p.Files[i], &out.Incomplete)
		if err != nil {
			return checks.PatchScan{}, err
		}
		out.Secrets = append(out.Secrets, secrets...)
		out.Lines += f.added()
		out.Hidden = append(out.Hidden, f.named(hiddenIn(f.Path, f.lines))...)
		out.Watched = append(out.Watched, f.named(watch.look(f.Path, f.moved(), f.lines))...)
		out.Silenced = append(out.Silenced, f.named(silencedIn(f.Path, f.lines))...)
		for _, o := range oddities(f.PatchFile, f.lines) {
			o.Path = f.shown
			out.Odd = append(out.Odd, o)
		}
	}
	strongFirst(out.Secrets)
	putLast(out.Hidden, func(s *checks.Spot) bool { return s.Kind == kindControl })
	putLast(out.Odd, func(o *checks.Oddity) bool { return o.Kind == checks.OddLoneLine })
	out.More = cut(&out.Secrets) + cut(&out.Hidden) + cut(&out.Watched) + cut(&out.Silenced) + cut(&out.Odd) + cut(&out.Incomplete)
	return out, nil
}

// Secrets looks only for secrets, as of one commit by itself. The error is the
// context's: nothing is told in part.
func (s *Scanner) Secrets(ctx context.Context, p checks.Patch) (checks.CommitScan, error) {
	out := checks.CommitScan{SHA: p.Commit, Incomplete: beyond(p)}
	for i := range p.Files {
		_, secrets, err := s.file(ctx, &p.Files[i], &out.Incomplete)
		if err != nil {
			return checks.CommitScan{}, err
		}
		for _, one := range secrets {
			one.Commit = p.Commit
			out.Secrets = append(out.Secrets, one)
		}
	}
	strongFirst(out.Secrets)
	if n := cut(&out.Secrets); n > 0 {
		out.Incomplete = append([]string{fmt.Sprintf("%d more secrets were found than are shown", n)}, out.Incomplete...)
	}
	cut(&out.Incomplete)
	return out, nil
}

// file reads one file and looks for its secrets. What of it could not be read is
// noted.
func (s *Scanner) file(ctx context.Context, p *checks.PatchFile, incomplete *[]string) (f *fileChange, secrets []checks.Secret, err error) {
	f = s.reads(p)
	if f.missing != "" {
		*incomplete = append(*incomplete, f.missing)
	}
	secrets, err = s.fileSecrets(ctx, f)
	return f, secrets, err
}

// beyond says of a patch that was cut what is not in it.
func beyond(p checks.Patch) []string {
	if !p.Cut {
		return nil
	}
	return []string{fmt.Sprintf("GitHub lists no more than %d of the files", len(p.Files))}
}

// strongFirst puts what blocks where it is not cut off.
func strongFirst(secrets []checks.Secret) {
	putLast(secrets, func(s *checks.Secret) bool { return s.Weak })
}

// putLast puts what means less where it may be cut off.
func putLast[T any](list []T, less func(*T) bool) {
	slices.SortStableFunc(list, func(a, b T) int {
		switch x, y := less(&a), less(&b); {
		case x == y:
			return 0
		case y:
			return -1
		}
		return 1
	})
}

// cut shortens a list to its limit and says by how many.
func cut[T any](list *[]T) int {
	over := max(len(*list)-listLimit, 0)
	*list = slices.Clip((*list)[:len(*list)-over])
	return over
}
