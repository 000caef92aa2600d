package checks

import (
	"regexp"
	"strings"
	"unicode"
)

// answer is what a line of a task list says about its task.
type answer int

const (
	openTask     answer = iota // neither ticked nor answered
	struckTask                 // struck out without a word
	unsaidTask                 // "n/a" without a reason
	spuriousTask               // the line is that of another task, or names two
	notForUs                   // "n/a" with a reason
	doneTask                   // ticked
)

// Not applicable may be said in a few ways. A word that goes on is none.
const notApplicable = `(?:n ?/ ?a|n\. ?a\.|not applicable|does not apply)`

var (
	saysNotApplicable = regexp.MustCompile(`^(?i:` + notApplicable + `)(?:$|[^\pL\pN])`)
	endsNotApplicable = regexp.MustCompile(`(?:^|[^\pL\pN])(?i:` + notApplicable + `)[^\pL\pN]*$`)
)

// answerBreaks is what may stand between a question, "n/a" and its reason.
const answerBreaks = " \t:;,.!–—-−→=>|()/"

// answered says what a line answers to a question of a template, and the reason
// why it is not for this change. "n/a" counts where the line begins with it,
// goes on with it behind the question, or behind what was struck out; the box need
// not be ticked then. A template's own words about "n/a" are no answer.
func (t *task) answered(question string) (answer, string) {
	said, struck := unstruck(t.text)
	said = plainWords(said)
	if q := plainWords(question); len(said) >= len(q) && strings.EqualFold(said[:len(q)], q) {
		said = said[len(q):]
	}
	said = strings.TrimLeft(said, answerBreaks)
	switch {
	case saysNotApplicable.MatchString(said):
		reason := afterNotApplicable(said)
		if !wordy(reason) {
			return unsaidTask, ""
		}
		return notForUs, reason
	case endsNotApplicable.MatchString(said):
		return unsaidTask, ""
	case struck && !wordy(said):
		return struckTask, ""
	case t.ticked:
		return doneTask, ""
	}
	return openTask, ""
}

// afterNotApplicable is the reason behind "n/a", which said twice is none.
func afterNotApplicable(s string) string {
	for saysNotApplicable.MatchString(s) {
		end := saysNotApplicable.FindStringIndex(s)[1]
		s = strings.TrimLeft(s[end:], answerBreaks)
	}
	return strings.TrimRight(s, " \t:;,–—-−→=>|(/")
}

// wordy says whether a reader finds a letter or a digit.
func wordy(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// unstruck is a line without what is struck out, and whether something was.
func unstruck(s string) (rest string, struck bool) {
	for _, mark := range [...][2]string{{"~~", "~~"}, {"<del>", "</del>"}, {"<s>", "</s>"}, {"~", "~"}} {
		for {
			before, after, open := strings.Cut(s, mark[0])
			text, after, closed := strings.Cut(after, mark[1])
			if !open || !closed || !wordy(text) {
				break
			}
			s, struck = before+" "+after, true
		}
	}
	return s, struck
}

// plainWords is a line's words as they are compared: without marks of emphasis and
// code, with single blanks.
func plainWords(s string) string {
	return clean(strings.Map(func(r rune) rune {
		if strings.ContainsRune("*_`~\\", r) {
			return -1
		}
		return r
	}, s), taskLimit)
}
