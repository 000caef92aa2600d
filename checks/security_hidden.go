package checks

import (
	"cmp"
	"strconv"
	"strings"
)

// compareSpots puts spots in the order of their files.
func compareSpots(a, b Spot) int {
	return cmp.Or(
		strings.Compare(a.Path, b.Path), strings.Compare(a.Kind, b.Kind), strings.Compare(a.What, b.What),
		cmp.Compare(b2i(a.Gone), b2i(b.Gone)), cmp.Compare(a.Line, b.Line),
	)
}

// hidden judges added characters that show nothing, or that change the order in
// which others show, so that code reads other than it runs.
func (x *scrutiny) hidden() Result {
	r := Result{ID: "security/hidden-characters", Name: "Hidden characters", State: Unmet}
	to := x.rules.HiddenCharacters
	if to == RespondOff {
		r.State, r.Summary = Exempt, "The policy asks for no search."
		return r
	}
	if x.unscanned(&r) {
		return r
	}
	var blocking, asking []cause
	for _, group := range grouped(x.scan.Whole.Hidden) {
		s := group[0]
		if x.pardoned("the rule "+hiddenRule+" in "+Plain(s.Path), exhibit{rule: hiddenRule, path: s.Path}) {
			continue
		}
		found, level := &blocking, "failure"
		if to == RespondReview || s.Kind == spotControl {
			found, level = &asking, "warning"
		}
		*found = append(*found, cause{s.Path, Plain(s.Path) + " has " + hiddenWords(&s) + onLines(group)})
		for _, s := range group {
			x.mark(s.Path, s.Line, level, "This line has "+hiddenWords(&s)+".")
		}
	}
	r.Annotations = x.take()
	x.causes = append(x.causes, asking...)
	concludeHidden(&r, causeTexts(blocking), len(causeTexts(asking)))
	return r
}

// spotControl is the kind of characters that steer terminals. Recorded output and
// its expectations are full of them, so that they never block: they ask.
const spotControl = "control"

func concludeHidden(r *Result, texts []string, asking int) {
	switch {
	case len(texts) > 0:
		r.Can = []string{theAuthor}
		r.Summary = texts[0] + ": what runs may be other than what is shown. Take " + plural(len(texts), "it", "them") + " out."
		if len(texts) > 1 {
			r.Summary = texts[0] + ", and " + strconv.Itoa(len(texts)-1) + " more like it: what runs may be other than what is shown. Take them out."
			r.Notes = limited(stopped(texts), "places")
		}
		r.Notes = append(r.Notes, "Where such characters are meant, as in texts of some languages, the policy can let them pass: security.suppress with rule "+hiddenRule+" and the files.")
	case asking > 0:
		r.State, r.Summary = Met, "Nothing blocks; hidden characters in "+count(asking, "place")+" ask for a security review."
	default:
		r.State, r.Summary = Met, "No added line has characters that show nothing or change how others show."
	}
}

// hiddenWords names the characters of a spot.
func hiddenWords(s *Spot) string {
	what := "characters that show nothing"
	switch s.Kind {
	case "bidirectional":
		what = "characters that change the order in which others show"
	case spotControl:
		what = "characters that show nothing or steer a terminal"
	}
	if name := quoted(s.What); name != "" {
		what += " (" + name + ")"
	}
	return what
}
