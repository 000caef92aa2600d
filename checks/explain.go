package checks

import (
	"strconv"
	"strings"
	"time"
)

// Heard is what people ask of handrail itself by commands.
type Heard struct {
	// Recheck is when somebody last asked that all be judged anew; zero when nobody
	// did of late.
	Recheck time.Time
	// Answer is the comment that is owed to somebody who asked to explain; nil when
	// none is.
	Answer *Answer
}

// Answer is a comment that answers another.
type Answer struct {
	To   int64 // the comment's id
	Body string
}

const (
	// answerAgain is after how long an answer is written once more that GitHub has
	// neither confirmed nor shows.
	answerAgain = 5 * time.Minute
	// answerTries is how often an answer is written at most, answersAnHour how many
	// are on one pull request.
	answerTries, answersAnHour = 2, 3
)

// hear finds out what is asked of handrail itself. all are the comments, our own
// among them.
func (v *Verdict) hear(policy *Policy, pull *Pull, all []Comment, orders []order) {
	v.Heard.Recheck = recheckAsked(pull, orders)
	if v.Observe {
		return
	}
	o := unanswered(pull, all, orders)
	if o == nil {
		return
	}
	if at := answerFrom(pull, o.comment.ID); at.After(pull.At) {
		if v.Until.IsZero() || at.Before(v.Until) {
			v.Until = at
		}
		return
	}
	v.Heard.Answer = &Answer{To: o.comment.ID, Body: explanation(v, policy, pull, all, o)}
}

// explainMark begins each of our answers, by which the next reading knows it. It counts
// in comments of our own alone: anybody can write it.
func explainMark(to int64) string {
	return "<!-- handrail:explain " + strconv.FormatInt(to, 10) + " -->"
}

// unanswered is the newest request at the present head to explain, unless it has been
// answered or tried often enough.
func unanswered(pull *Pull, all []Comment, orders []order) *order {
	var last *order
	for i := range orders {
		if o := &orders[i]; o.verb == explainCommand && !o.past && pull.Head.SHA != "" && pull.spokenAt(o.comment) == pull.Head.SHA {
			last = o
		}
	}
	if last == nil {
		return nil
	}
	mark := explainMark(last.comment.ID)
	for i := range all {
		if all[i].Ours && strings.HasPrefix(all[i].Body, mark) {
			return nil
		}
	}
	tries := 0
	for _, a := range pull.Memory.Answers {
		if a.To != last.comment.ID {
			continue
		}
		if tries++; a.Done || tries >= answerTries {
			return nil
		}
	}
	return last
}

// answerFrom is from when on an answer may be written; zero if it may be now.
func answerFrom(pull *Pull, to int64) (at time.Time) {
	var recent []time.Time
	for _, a := range pull.Memory.Answers {
		if a.To == to && a.At.Add(answerAgain).After(at) {
			at = a.At.Add(answerAgain)
		}
		if pull.At.Sub(a.At) < time.Hour {
			recent = append(recent, a.At)
		}
	}
	if len(recent) < answersAnHour {
		return at
	}
	oldest := recent[0]
	for _, t := range recent {
		if t.Before(oldest) {
			oldest = t
		}
	}
	if end := oldest.Add(time.Hour); end.After(at) {
		at = end
	}
	return at
}
