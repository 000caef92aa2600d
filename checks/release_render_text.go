package checks

import (
	"strconv"
	"strings"
)

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
