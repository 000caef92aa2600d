package checks

import (
	"slices"
	"strconv"
	"strings"
)

// unseen finds what of the change could not be looked at, which somebody must
// look at instead.
func (x *scrutiny) unseen() {
	if filesCut(x.pull) {
		x.ask("", cutList+", so the others could not be scanned")
	}
	if n := len(x.pull.Commits); x.pull.CommitCount > n {
		x.ask("", "GitHub lists only "+strconv.Itoa(n)+" of "+strconv.Itoa(x.pull.CommitCount)+" commits, so the others could not be scanned")
	}
	if !x.scanned() {
		return
	}
	for _, why := range x.scan.Whole.Incomplete {
		x.ask("", "Not all of the change could be scanned: "+phrase(why))
	}
	if n := x.scan.Whole.More; n > 0 {
		x.ask("", "More was found than is listed: "+strconv.Itoa(n)+" places are left out")
	}
	for i := range x.scan.Commits {
		c := &x.scan.Commits[i]
		for _, why := range c.Incomplete {
			x.ask("", "Not all of commit "+Plain(short(c.SHA))+" could be scanned: "+phrase(why))
		}
	}
	if n := x.scan.Scanned; x.scan.Left <= 0 && n < len(x.pull.Commits) {
		x.ask("", "Only "+strconv.Itoa(max(n, 0))+" of "+count(len(x.pull.Commits), "commit")+" could be scanned")
	}
}

// odd judges the files that a scan of text says nothing about. There is a result
// only where they block.
func (x *scrutiny) odd() []Result {
	if !x.scanned() || x.rules.Opaque == RespondOff {
		return nil
	}
	var found []cause
	for _, o := range x.scan.Whole.Odd {
		if text := x.oddText(&o); text != "" {
			found = append(found, cause{o.Path, Plain(o.Path) + " " + text})
		}
	}
	return x.respond(x.rules.Opaque, found, Result{ID: "security/opaque", Name: "Opaque files"},
		"which cannot be looked at as text; the policy lets nothing such in")
}

// oddText says what an oddity is, "" when it is a file like others after all.
func (x *scrutiny) oddText(o *Oddity) string {
	switch o.Kind {
	case OddSubmodule:
		return "is a submodule, whose content is elsewhere"
	case OddSymlink:
		return "is a symbolic link"
	case OddLoneLine:
		return x.loneLine(o.Path)
	}
	return "is a binary file"
}

// loneLine asks for the mode of a file that looks like a symbolic link, which
// only the mode tells.
func (x *scrutiny) loneLine(path string) string {
	mode := ""
	if i := slices.IndexFunc(x.pull.Files, func(f File) bool { return f.Path == path }); i >= 0 {
		mode = x.pull.Files[i].Mode
		if w := x.h.wants; mode == "" && w != nil {
			*w = w.add(Wants{Modes: map[string][]string{x.pull.Head.SHA: {path}}})
		}
	}
	switch {
	case mode == "120000":
		return "is a symbolic link"
	case mode == "160000":
		return "is a submodule, whose content is elsewhere"
	case strings.HasPrefix(mode, "100"), mode == "gone":
		return ""
	}
	return "may be a symbolic link: its mode could not be read"
}

// silenced judges what tells scanners to overlook something. There is a result
// only where that blocks.
func (x *scrutiny) silenced() []Result {
	if x.rules.Suppressions == RespondOff {
		return nil
	}
	var found []cause
	for i := range x.pull.Files {
		f := &x.pull.Files[i]
		for _, file := range []string{f.Path, movedFrom(f)} {
			if file != "" && setsScanner(file) {
				found = append(found, cause{f.Path, Plain(file) + " tells a scanner what to look at"})
			}
		}
	}
	if x.scanned() {
		for _, group := range grouped(x.scan.Whole.Silenced) {
			s := group[0]
			found = append(found, cause{s.Path, Plain(s.Path) + " tells a scanner to overlook something (“" + quoted(s.What) + "”)" + onLines(group)})
			for _, s := range group {
				x.mark(s.Path, s.Line, "notice", "Tells a scanner to overlook something (“"+quoted(s.What)+"”).")
			}
		}
	}
	return x.respond(x.rules.Suppressions, found, Result{ID: "security/suppressions", Name: "Suppressions"},
		"which the policy allows nobody; take it back")
}

// respond does what the policy says about what was found: it asks for a review,
// or blocks with a result of its own.
func (x *scrutiny) respond(to Response, found []cause, r Result, why string) []Result {
	if len(found) == 0 {
		return nil
	}
	if to == RespondReview {
		x.causes = append(x.causes, found...)
		return nil
	}
	texts := causeTexts(found)
	r.State, r.Can = Unmet, []string{theAuthor, policyChangers}
	r.Summary = texts[0] + ", " + why + "."
	if len(texts) > 1 {
		r.Summary = texts[0] + " and " + strconv.Itoa(len(texts)-1) + " more like it, " + why + "."
		r.Notes = limited(stopped(texts), "places")
	}
	return []Result{r}
}

// causeTexts are the texts of causes, sorted, each once.
func causeTexts(causes []cause) []string {
	out := make([]string, len(causes))
	for i, c := range causes {
		out[i] = c.text
	}
	return sorted(out)
}

// stopped ends each text with a full stop.
func stopped(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = t + "."
	}
	return out
}
