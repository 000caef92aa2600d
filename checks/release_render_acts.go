package checks

import (
	"slices"
	"strconv"
	"strings"
)

// shown is how many refused acts, ended candidates and the like are listed.
const actsShown = 20

const signedHeader = "| Stage | Role | Signed by | When | How | Record |\n|---|---|---|---|---|---|\n"

// writeSigned writes who has signed what, when and how: of one stage, or of all.
func (w *releaseView) writeSigned(b *strings.Builder, stage string) {
	var signs []Sign
	for i := range w.v.Stages {
		if st := &w.v.Stages[i]; stage == "" || st.Name == stage {
			signs = append(signs, st.Signed...)
		}
	}
	if len(signs) > 0 {
		b.WriteString("\n**Signed**\n\n" + signedHeader)
	}
	for i := range signs {
		w.writeSign(b, &signs[i])
	}
	if stage != "" {
		return
	}
	if a := w.accepted(); a != nil {
		b.WriteString("\nThe exceptions below were accepted by ")
		w.writeDeed(b, a)
	}
	if p := w.v.Promote; p != nil {
		b.WriteString("\nPromoted by ")
		w.writeDeed(b, &p.By)
	}
}

func (w *releaseView) writeSign(b *strings.Builder, s *Sign) {
	b.WriteString("| ")
	writeMarkdown(b, s.Stage)
	b.WriteString(" | ")
	writeMarkdown(b, string(s.Role))
	b.WriteString(" | ")
	writeCode(b, "@"+s.By.Login)
	b.WriteString(" | " + minute(s.At) + " | ")
	w.writeWay(b, s.Via, s.Ref)
	b.WriteString(" | " + recordNumber(s.Seq) + " |\n")
}

// writeDeed writes who did something, when, how and why, to the end of the line.
func (w *releaseView) writeDeed(b *strings.Builder, a *Act) {
	writeCode(b, "@"+a.By.Login)
	b.WriteString(" on " + minute(a.At) + ", ")
	w.writeWay(b, a.Via, a.Ref)
	if a.Reason != "" {
		b.WriteString(": ")
		writeMarkdown(b, Plain(a.Reason))
	}
	b.WriteString("\n")
}

// ways say by what somebody acted.
var ways = map[string]string{
	ByButton: "by button", ByComment: "by comment", ByCommand: "by command",
}

func (w *releaseView) writeWay(b *strings.Builder, via, ref string) {
	word, known := ways[via]
	switch path := w.path("issues/" + strconv.Itoa(w.r.Issue.Number) + "#issuecomment-" + ref); {
	case !known:
		writeMarkdown(b, Plain(via))
	case via == ByComment && w.r.Issue.Number > 0 && path != "" && ref != "" && strings.Trim(ref, "0123456789") == "":
		b.WriteString("[" + word + "](" + path + ")")
	default:
		b.WriteString(word)
	}
}

// accepted is the act by which exceptions in the evidence are accepted, nil for none.
func (w *releaseView) accepted() *Act {
	if p := w.v.Promote; p != nil && p.Accepted != nil {
		return p.Accepted
	}
	return w.last(ActAccept)
}

// recordNumber names a log entry; "" for none.
func recordNumber(seq int64) string {
	if seq == 0 {
		return ""
	}
	return strconv.FormatInt(seq, 10)
}

// writeRefused writes what counts for nothing, the newest first, and why: what is about
// a stage, or all.
func (w *releaseView) writeRefused(b *strings.Builder, stage *Stage) {
	var refused []Refusal
	for _, f := range w.v.Refused {
		if stage == nil || about(&f.Act, stage) {
			refused = append(refused, f)
		}
	}
	slices.SortStableFunc(refused, func(a, c Refusal) int {
		switch {
		case actAfter(&a.Act, &c.Act):
			return -1
		case actAfter(&c.Act, &a.Act):
			return 1
		}
		return 0
	})
	for i, f := range refused {
		switch i {
		case 0:
			b.WriteString("\n**What does not count, and why**\n")
		case actsShown:
			b.WriteString("- and " + strconv.Itoa(len(refused)-i) + " more, which the record holds\n")
			return
		}
		w.writeRefusal(b, &f)
	}
}

func (w *releaseView) writeRefusal(b *strings.Builder, f *Refusal) {
	b.WriteString("- " + minute(f.Act.At) + ", ")
	w.writeWay(b, f.Act.Via, f.Act.Ref)
	b.WriteString(": ")
	writeMarkdown(b, f.Why)
	b.WriteString("\n")
}

// about says whether an act is about a stage: it was done on it, or names one of its
// roles.
func about(a *Act, s *Stage) bool {
	if a.Stage != "" {
		return a.Stage == s.Name || slug("", a.Stage) == slug("", s.Name)
	}
	return slices.ContainsFunc(s.SignOffs, func(so StageSignOff) bool { return so.Role == a.Role })
}
