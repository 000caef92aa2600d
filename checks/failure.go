package checks

import (
	"fmt"
	"strings"
)

// PlanFailure is what to write when a pull request could not be judged, again
// and again, for a reason that is handrail's or GitHub's and not the author's.
// It never looks like a verdict: the label goes, and "Merge Requirements" is
// open and says why. The label that asks for a security review stays as it is,
// since it grants nothing. Doing it leaves nothing to do until the reason changes.
func PlanFailure(pull Pull, why string, tries int) []Action {
	if !pull.Open || pull.Head.SHA == "" {
		return nil
	}
	var out []Action
	for _, l := range pull.Labels {
		if strings.EqualFold(l, LabelMet) {
			out = append(out, Action{Kind: RemoveLabel, Label: LabelMet})
			break
		}
	}
	o := Output{
		Name: RunMerge, Head: pull.Head.SHA, Status: "in_progress",
		Title: "Could not be judged; handrail keeps trying",
		Summary: "handrail could not find out whether this pull request meets its requirements. " +
			"This is no verdict on the pull request; nothing needs to be done on it.\n\n" +
			"The reason: " + Markdown(why) + "\n\n" +
			"If it stays like this, whoever runs handrail finds the same reason in its log and under `/metrics`.\n",
		Footer: fmt.Sprintf("Tried %s so far.", count(tries, "time")),
	}
	o.digest(nil)
	if a, due := planRun(&o, &pull); due {
		out = append(out, a)
	}
	return out
}
