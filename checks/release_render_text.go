package checks

import (
	"slices"
	"strconv"
	"strings"
)

// shown is how many refused acts, ended candidates and the like are listed.
const actsShown = 20

// writeWhat says what is judged: the tag, its commit, its files and the candidate.
func (w *releaseView) writeWhat(b *strings.Builder) {
	t := &w.r.Tag
	switch {
	case t.Gone:
		b.WriteString("There is no tag ")
		writeCode(b, t.Name)
		b.WriteString(" any more.\n")
		return
	case t.Commit == "":
		writeCode(b, t.Name)
		b.WriteString(" is a tag of something that is no commit.\n")
		return
	}
	writeCode(b, t.Name)
	b.WriteString(" is ")
	w.writeCommit(b, t.Commit)
	if who := t.Pusher.Login; who != "" {
		b.WriteString(", put there by ")
		writeCode(b, "@"+who)
	}
	b.WriteString(". What is signed is candidate ")
	writeCode(b, w.short())
	b.WriteString(": this tag, " + w.files() + "and what the policy says about releases. When any of that changes, all sign-offs end.\n")
}

// short is what people are shown of the candidate's digest.
func (w *releaseView) short() string { return short12(w.v.Digest) }

// filesShown is how many files of a candidate are listed.
const filesShown = 50

// writeFiles lists the candidate's files and images with their digests, folded up.
func (w *releaseView) writeFiles(b *strings.Builder) {
	files := w.v.Candidate.Artifacts
	if len(files) == 0 {
		return
	}
	b.WriteString("\n<details><summary>Files and images of the candidate</summary>\n\n")
	for i, f := range files {
		if i == filesShown {
			b.WriteString("- and " + thousands(len(files)-i) + " more\n")
			break
		}
		b.WriteString("- ")
		writeCode(b, f.Name)
		b.WriteString(" ")
		writeCode(b, f.Digest)
		b.WriteString("\n")
	}
	b.WriteString("\n</details>\n")
}

// files counts what the candidate holds besides the tag.
func (w *releaseView) files() string {
	if n := len(w.v.Candidate.Artifacts); n > 0 {
		return "its files and images (" + thousands(n) + "), "
	}
	return ""
}

// writeStanding says what keeps a release from going on that no requirement says.
func (w *releaseView) writeStanding(b *strings.Builder) {
	if w.r.SharedWith != "" {
		b.WriteString("\nRelease ")
		writeCode(b, w.r.SharedWith)
		b.WriteString(" is of the same commit and newer, so the check-runs on the commit are about that one. This release is signed on its issue and by the command line.\n")
	}
}

// writeCommit writes a commit, with a link where it can be one.
func (w *releaseView) writeCommit(b *strings.Builder, sha string) {
	if path := w.path("commit/" + sha); path != "" && isSHA(sha) {
		b.WriteString("[`" + short(sha) + "`](" + path + ")")
		return
	}
	writeCode(b, short(sha))
}

// path is a link into the repository, "" where its name can stand in none. It is
// relative to the server, whose name the core does not know.
func (w *releaseView) path(rest string) string {
	if !linkable(w.r.Repo.Owner) || !linkable(w.r.Repo.Name) {
		return ""
	}
	return "/" + w.r.Repo.Owner + "/" + w.r.Repo.Name + "/" + rest
}

// isSHA says whether a text is hexadecimal digits, as git's ids are.
func isSHA(s string) bool { return len(s) >= 7 && strings.Trim(s, "0123456789abcdef") == "" }

// writePull writes a pull request's number, with a link where it can be one.
func (w *releaseView) writePull(b *strings.Builder, number int) {
	if path := w.path("pull/" + strconv.Itoa(number)); path != "" {
		b.WriteString("[#" + strconv.Itoa(number) + "](" + path + ")")
		return
	}
	writeMarkdown(b, pullName(number))
}

// writeIssue writes where people talk about the release.
func (w *releaseView) writeIssue(b *strings.Builder) {
	n := strconv.Itoa(w.r.Issue.Number)
	if path := w.path("issues/" + n); path != "" {
		b.WriteString("[#" + n + "](" + path + ")")
		return
	}
	writeMarkdown(b, "#"+n)
}

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
	ByButton: "by button", ByComment: "by comment", ByCommand: "by command", ByGate: "by a job that wants to deploy",
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

// writeEnvironment says what of a stage's environment is let through.
func (w *releaseView) writeEnvironment(b *strings.Builder, i int) {
	s := &w.rules.Stages[i]
	if s.Environment == "" {
		return
	}
	b.WriteString("\nJobs that deploy to ")
	writeCode(b, s.Environment)
	b.WriteString(" may go on once this stage and those before it are whole")
	if i == len(w.rules.Stages)-1 {
		b.WriteString(" and the release is promoted")
	}
	b.WriteString(".\n")
}
