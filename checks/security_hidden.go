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
	var found []cause
	for _, group := range grouped(x.scan.Whole.Hidden) {
		s := group[0]
		if x.pardoned("the rule "+hiddenRule+" in "+Plain(s.Path), exhibit{rule: hiddenRule, path: s.Path}) {
			continue
		}
		found = append(found, cause{s.Path, Plain(s.Path) + " has " + hiddenWords(&s) + onLines(group)})
		level := "failure"
		if to == RespondReview {
			level = "warning"
		}
		for _, s := range group {
			x.mark(s.Path, s.Line, level, "This line has "+hiddenWords(&s)+".")
		}
	}
	r.Annotations = x.take()
	x.concludeHidden(&r, to, found)
	return r
}

func (x *scrutiny) concludeHidden(r *Result, to Response, found []cause) {
	texts := causeTexts(found)
	switch {
	case len(found) == 0:
		r.State, r.Summary = Met, "No added line has characters that show nothing or change how others show."
	case to == RespondReview:
		x.causes = append(x.causes, found...)
		r.State, r.Summary = Met, "Nothing blocks; hidden characters in "+count(len(texts), "place")+" ask for a security review."
	default:
		r.Can = []string{theAuthor}
		r.Summary = texts[0] + ": what runs may be other than what is shown. Take " + plural(len(texts), "it", "them") + " out."
		if len(texts) > 1 {
			r.Summary = texts[0] + ", and " + strconv.Itoa(len(texts)-1) + " more like it: what runs may be other than what is shown. Take them out."
			r.Notes = limited(stopped(texts), "places")
		}
		r.Notes = append(r.Notes, "Where such characters are meant, as in texts of some languages, the policy can let them pass: security.suppress with rule "+hiddenRule+" and the files.")
	}
}

// hiddenWords names the characters of a spot.
func hiddenWords(s *Spot) string {
	what := "characters that show nothing"
	switch s.Kind {
	case "bidirectional":
		what = "characters that change the order in which others show"
	case "control":
		what = "characters that show nothing or steer a terminal"
	}
	if name := quoted(s.What); name != "" {
		what += " (" + name + ")"
	}
	return what
}
