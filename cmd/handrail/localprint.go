package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/scan"
)

// fromHere is a path as it is written in the present directory.
func fromHere(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if here, err = filepath.EvalSymlinks(here); err != nil {
		return path
	}
	if short, err := filepath.Rel(here, path); err == nil {
		return short
	}
	return path
}

// print says what holds, then each place that it is about, as compilers do. whole
// says that all could be judged.
func (w *workCopy) print(out io.Writer, v checks.Verdict, whole bool) {
	state := v.State.String()
	switch {
	case !v.State.Passes() && !blocked(v):
		state = "met as far as can be known here, and needs " + neededOnGitHub(v) + " on GitHub"
	case v.State.Passes() && !whole:
		state = "met as far as it could be judged"
	}
	fmt.Fprintf(out, "\nThe working copy at %.7s, compared with %s at %.7s, is %s.\n", w.head, w.base, w.from, state)
	switch {
	case len(w.files) > 0:
	case w.head != w.from:
		fmt.Fprintln(out, "All in all no file is changed; what the commits add is looked at, and what is asked of the whole project.")
	default:
		fmt.Fprintln(out, "Nothing is changed, so that only what is asked of the whole project is looked at.")
	}
	fmt.Fprintln(out)
	printResults(out, v)
	for _, r := range v.Results {
		printPlaces(out, r)
	}
}

func printPlaces(out io.Writer, r checks.Result) {
	for _, a := range r.Annotations {
		lines := strconv.Itoa(a.Start)
		if a.End != a.Start {
			lines += "-" + strconv.Itoa(a.End)
		}
		fmt.Fprintln(out, oneLine(fmt.Sprintf("%s:%s: %s", a.Path, lines, a.Message)))
	}
	for _, p := range r.Parts {
		printPlaces(out, p)
	}
}

// waitsForReview says whether nothing is missing of a result but what can be had only
// when it is pushed: a review, a sign-off, a ticked checklist, the end of a freeze.
func waitsForReview(r checks.Result) bool {
	if r.State.Passes() || r.State == checks.Waiting && (r.ID == securityReview || strings.HasPrefix(r.ID, controlSection+"/")) {
		return true
	}
	return len(r.Parts) > 0 && !slices.ContainsFunc(r.Parts, func(p checks.Result) bool { return !waitsForReview(p) })
}

// blocked says whether something is not met that can be mended here.
func blocked(v checks.Verdict) bool {
	return slices.ContainsFunc(v.Results, func(r checks.Result) bool { return !waitsForReview(r) })
}

// cleaned takes secrets out of every text of a verdict: names of files may hold
// one too.
func cleaned(v checks.Verdict, scanner *scan.Scanner) checks.Verdict {
	clean := func(s *string) { *s, _ = scanner.Scrub(*s) }
	var walk func(rs []checks.Result)
	walk = func(rs []checks.Result) {
		for i := range rs {
			r := &rs[i]
			clean(&r.Summary)
			for i := range r.Notes {
				clean(&r.Notes[i])
			}
			for i := range r.Evidence {
				clean(&r.Evidence[i].Text)
			}
			for i := range r.Annotations {
				a := &r.Annotations[i]
				clean(&a.Path)
				clean(&a.Message)
			}
			walk(r.Parts)
		}
	}
	walk(v.Results)
	return v
}

// neededOnGitHub is what can be had only there.
func neededOnGitHub(v checks.Verdict) string {
	var needs []string
	var walk func([]checks.Result)
	walk = func(rs []checks.Result) {
		for _, r := range rs {
			if len(r.Parts) > 0 && r.ID != securityReview {
				walk(r.Parts)
			} else if need := needed(r); need != "" && !slices.Contains(needs, need) {
				needs = append(needs, need)
			}
		}
	}
	walk(v.Results)
	last := len(needs) - 1
	if last < 1 {
		return strings.Join(needs, "")
	}
	return strings.Join(needs[:last], ", ") + " and " + needs[last]
}

// needed is what one result lacks; "" for nothing.
func needed(r checks.Result) string {
	switch signs := strings.HasSuffix(r.ID, "/sign-off"); {
	case r.State.Passes():
		return ""
	case r.ID == securityReview:
		return "a security review"
	case strings.HasPrefix(r.ID, freezeResults+"/"):
		return "the end of a freeze"
	case strings.HasPrefix(r.ID, checklistResults) && !signs:
		return "a ticked checklist"
	}
	return "a sign-off"
}
