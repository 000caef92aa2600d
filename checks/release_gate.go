package checks

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"
)

const (
	// gateComments is how many comments a job that waits is told; GitHub takes 10 on
	// each ("Review custom deployment protection rules", REST docs), of which one is
	// kept for the answer.
	gateComments = 9
	// gateText is how many characters such a comment has; GitHub takes 1,024.
	gateText = 1000
)

// gateAnswers are what the jobs are told that wait for an environment: those that are
// approved, and apart from them all others. Only the verdict's own word approves one,
// what is not said lets it wait.
func (w *releaseView) gateAnswers() (approved, others []Action) {
	for i := range w.r.Gates {
		g := &w.r.Gates[i]
		if g.Answered != "" {
			continue
		}
		word := w.gateWord(g.Environment)
		a := Action{Kind: AnswerGate, Gate: &GateAnswer{RunID: g.RunID, Environment: g.Environment, State: word.State, Comment: w.gateText(word)}}
		switch word.State {
		case "approved":
			approved = append(approved, a)
		case "rejected":
			others = append(others, a)
		default:
			a.Gate.State = ""
			said := gateSaid(a.Gate.Comment)
			key := "gate " + strconv.FormatInt(g.RunID, 10) + " " + g.Environment + " " + said
			if g.Said != said && g.Comments < gateComments && !w.marked(key) {
				a.Remind = []string{key}
				others = append(others, a)
			}
		}
	}
	return approved, others
}

// gateWord is what is said about an environment. GitHub tells environments apart without
// regard to case.
func (w *releaseView) gateWord(environment string) GateWord {
	if word, ok := w.v.Environments[environment]; ok {
		return word
	}
	for _, name := range slices.Sorted(maps.Keys(w.v.Environments)) {
		if strings.EqualFold(name, environment) {
			return w.v.Environments[name]
		}
	}
	return GateWord{Why: "No stage of the policy has the environment " + Plain(environment) + ", so nothing can let this job through."}
}

func (w *releaseView) gateText(word GateWord) string {
	why := word.Why
	if why == "" {
		why = map[string]string{"approved": "It may be deployed here.", "rejected": "It may not be deployed here."}[word.State]
	}
	if why == "" {
		why = "It may not be deployed here yet."
	}
	return clean("Release "+w.tag+", candidate "+w.short()+": "+why, gateText)
}

// gateSaid is the digest of a comment, as the store keeps it in [Gate.Said].
func gateSaid(comment string) string {
	sum := sha256.Sum256([]byte(comment))
	return hex.EncodeToString(sum[:8])
}

// marked says whether something that is done once was done.
func (w *releaseView) marked(key string) bool {
	_, ok := w.r.Memory.Reminded[key]
	return ok
}
