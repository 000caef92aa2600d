package checks

import (
	"strings"
	"testing"
)

var (
	ann = Signature{Name: "Ann", Email: "ann@acme.test", Login: "ann"}
	bob = Signature{Name: "Bob", Email: "bob@acme.test", Login: "bob"}
)

// pullOf1 is a pull request of commits, the last of which is the head.
func pullOf1(commits ...Commit) Pull {
	for i := range commits {
		if commits[i].SHA == "" {
			commits[i].SHA = strings.Repeat(string(rune('a'+i)), 40)
		}
		if commits[i].Author == (Signature{}) {
			commits[i].Author = ann
		}
		if commits[i].Committer == (Signature{}) {
			commits[i].Committer = commits[i].Author
		}
	}
	return Pull{
		Commits: commits, CommitCount: len(commits), Head: Ref{SHA: commits[len(commits)-1].SHA, Name: "topic", RepoID: 1},
		Base: Ref{Name: "main", SHA: "base", RepoID: 1},
	}
}

func TestWhatIsNotKnownOfCommitsIsNeverAPass(t *testing.T) {
	cut := pullOf1(Commit{Verified: true, Message: "x\n\nSigned-off-by: Ann <ann@acme.test>"})
	cut.CommitCount = 251
	headless := pullOf1(Commit{Verified: true, Message: "x\n\nSigned-off-by: Ann <ann@acme.test>"})
	headless.Head.SHA = "elsewhere"
	whole := pullOf1(Commit{Verified: true, Message: "x\n\nSigned-off-by: Ann <ann@acme.test>"})
	whole.Behind = &Behind{Base: "base", Head: whole.Head.SHA, Known: true}
	for _, c := range []Check{NewSignedCommits(), NewDCO(), NewNoMergeCommits(), &NoMergeCommits{AllowBase: true}, NewLinear()} {
		for name, p := range map[string]Pull{"cut": cut, "without the head": headless, "empty": {}} {
			if r := c.Eval(p); r.State != Unmet || !r.Unknown || len(r.Can) != 1 || !strings.HasPrefix(r.Summary, "Cannot be met: ") {
				t.Errorf("%T of a list that is %s: %s, unknown %v, %q by %v", c, name, r.State, r.Unknown, r.Summary, r.Can)
			}
		}
		if r := c.Eval(whole); r.State != Met || r.Unknown {
			t.Errorf("%T of a whole list: %s, %q", c, r.State, r.Summary)
		}
	}
}

func TestAFoundFaultIsSaidThoughTheListIsCut(t *testing.T) {
	p := pullOf1(Commit{Message: "work"})
	p.CommitCount = 251
	r := NewSignedCommits().Eval(p)
	if r.State != Unmet || r.Unknown || !strings.Contains(strings.Join(r.Notes, " "), "GitHub lists only 1 of 251 commits") {
		t.Errorf("%s, unknown %v, %q", r.State, r.Unknown, r.Notes)
	}
}

func TestSignaturesCountAsThePolicySays(t *testing.T) {
	own, hub, none := Commit{Verified: true}, Commit{Verified: true, GitHubSigned: true, Web: true}, Commit{}
	for name, c := range map[string]struct {
		check  *SignedCommits
		commit Commit
		want   State
		says   string
	}{
		"by the author":             {NewSignedCommits(), own, Met, ""},
		"by GitHub":                 {NewSignedCommits(), hub, Met, ""},
		"by GitHub, not counted":    {&SignedCommits{Merges: true}, hub, Unmet, "is signed by GitHub only"},
		"none":                      {NewSignedCommits(), none, Unmet, "has no signature, or none that GitHub finds valid"},
		"of a merge":                {NewSignedCommits(), Commit{Merge: true}, Unmet, "has no signature"},
		"of a merge, which is free": {&SignedCommits{GitHub: true}, Commit{Merge: true}, Met, ""},
		"nothing is set":            {&SignedCommits{}, own, Met, ""},
		"made on the web, unsigned": {NewSignedCommits(), Commit{Web: true}, Unmet, "has no signature"},
	} {
		r := c.check.Eval(pullOf1(Commit{Verified: true}, c.commit))
		if r.State != c.want || !strings.Contains(strings.Join(r.Notes, " "), c.says) {
			t.Errorf("%s: %s, %q", name, r.State, r.Notes)
		}
		if r.State == Unmet && (!strings.Contains(r.Summary, "Commit bbbbbbb has") || !strings.Contains(r.Summary, "git rebase --force-rebase --gpg-sign main") || r.Can[0] != theAuthor) {
			t.Errorf("%s: nobody is told what to do: %q by %v", name, r.Summary, r.Can)
		}
	}
}

func TestASignOffIsTheAuthorsOrTheCommittersOwnAndATrailer(t *testing.T) {
	const line = "Signed-off-by: Ann <ann@acme.test>"
	by := func(message string) Commit { return Commit{Message: message} }
	web := Signature{Name: "GitHub", Email: "noreply@github.com"}
	for name, c := range map[string]struct {
		commit Commit
		says   string // "" is signed off
	}{
		"by the author":          {by("Work\n\n" + line), ""},
		"with others":            {by("Work\n\nFixes: #1\n" + line + "\nReviewed-by: Bob <bob@acme.test>\n"), ""},
		"in any case":            {by("Work\n\nsigned-off-by: ann <ANN@acme.test>"), ""},
		"by the committer":       {Commit{Message: "Work\n\nSigned-off-by: Bob <bob@acme.test>", Committer: bob}, ""},
		"one of two":             {by("Work\n\nSigned-off-by: Bob <bob@acme.test>\n" + line), ""},
		"Windows lines":          {by("Work\r\n\r\n" + line + "\r\n"), ""},
		"none":                   {by("Work"), "has no Signed-off-by line"},
		"as the subject":         {by(line), "not among the lines that end"},
		"right below":            {by("Work\n" + line), "not among the lines that end"},
		"quoted in the middle":   {by("Revert\n\n" + line + "\n\nThat was wrong."), "not among the lines that end"},
		"quoted with a mark":     {by("Work\n\n> " + line), "has no Signed-off-by line"},
		"in a sentence":          {by("Work\n\nI have no " + line), "has no Signed-off-by line"},
		"another person":         {by("Work\n\nSigned-off-by: Bob <bob@acme.test>"), "is signed off by Bob <bob@acme.test>, not by its author"},
		"only the name":          {by("Work\n\nSigned-off-by: Ann"), "is signed off by Ann, not"},
		"another e-mail":         {by("Work\n\nSigned-off-by: Ann <ann@home.test>"), "is signed off by Ann <ann@home.test>"},
		"another name":           {by("Work\n\nSigned-off-by: Anna <ann@acme.test>"), "is signed off by Anna <ann@acme.test>"},
		"text behind":            {by("Work\n\n" + line + " (really)"), "not by its author"},
		"GitHub as committer":    {Commit{Message: "Work\n\nSigned-off-by: GitHub <noreply@github.com>", Committer: web}, "is signed off by GitHub"},
		"nobody for nobody":      {Commit{Message: "Work\n\nSigned-off-by:  <>", Author: Signature{Login: "ann"}, Committer: Signature{Login: "ann"}}, "not by its author"},
		"an e-mail without name": {Commit{Message: "Work\n\nSigned-off-by: <x@y>", Author: Signature{Email: "x@y"}, Committer: Signature{Email: "x@y"}}, "not by its author"},
		"a merge":                {Commit{Merge: true, Message: "Merge"}, ""},
		"hidden signs in a name": {by("Work\n\nSigned-off-by: A\u200bnn <ann@acme.test>"), "is signed off by Ann"},
	} {
		r := NewDCO().Eval(pullOf1(c.commit))
		if (r.State == Met) != (c.says == "") || !strings.Contains(strings.Join(r.Notes, " "), c.says) || r.Unknown {
			t.Errorf("%s: %s, %q", name, r.State, r.Notes)
		}
		if r.State == Unmet && (!strings.Contains(r.Summary, "git rebase --signoff main") || len(r.Can) == 0 || len(r.Evidence) != 1) {
			t.Errorf("%s: nobody is told what to do: %q by %v", name, r.Summary, r.Can)
		}
	}
	if r := (&DCO{Merges: true}).Eval(pullOf1(Commit{Merge: true, Message: "Merge"})); r.State != Unmet {
		t.Errorf("a merge where merges must be signed off: %s", r.State)
	}
}

func TestABotNeedsNoSignOffOnlyWhereItIsProvedToBeOne(t *testing.T) {
	bot := Signature{Name: "renovate[bot]", Email: "1+renovate[bot]@users.noreply.github.com", Bot: true, Account: "renovate[bot]"}
	claimed := bot
	claimed.Bot, claimed.Account = false, ""
	work := Commit{Message: "Update", Author: bot}
	signed := work
	signed.GitHubSigned, signed.Verified = true, true
	named := signed
	named.Author = claimed
	shared := signed
	shared.CoAuthors = []Signature{ann}
	hiding := signed
	hiding.CoAuthorsCut = true
	renovate := Actor{Login: "renovate[bot]", Bot: true}
	push := func(sha, who string, isBot bool) []Head { return []Head{{SHA: sha, Sender: who, Bot: isBot}} }
	head := strings.Repeat("a", 40)
	for name, c := range map[string]struct {
		check  *DCO
		commit Commit
		author Actor
		heads  []Head
		want   State
		asks   bool // while it is not known who is a bot
	}{
		"signed by GitHub":                {NewDCO(), signed, Actor{}, nil, Met, true},
		"bots must":                       {&DCO{Bots: true}, signed, Actor{}, nil, Unmet, false},
		"only an e-mail":                  {NewDCO(), work, Actor{}, nil, Unmet, false},
		"only a name, signed":             {NewDCO(), named, Actor{}, nil, Unmet, true},
		"with a person":                   {NewDCO(), shared, Actor{}, nil, Unmet, false},
		"with more than GitHub lists":     {NewDCO(), hiding, Actor{}, nil, Unmet, false},
		"pushed by itself":                {NewDCO(), work, Actor{Login: "ann"}, push(head, "Renovate[bot]", true), Met, true},
		"pushed by another bot":           {NewDCO(), work, Actor{Login: "ann"}, push(head, "other[bot]", true), Unmet, true},
		"pushed by a person":              {NewDCO(), work, renovate, push(head, "ann", false), Unmet, false},
		"pushed by nobody known":          {NewDCO(), work, renovate, push(head, "", false), Unmet, false},
		"all by itself":                   {NewDCO(), work, renovate, push("later", "renovate[bot]", true), Met, true},
		"another head, opened by another": {NewDCO(), work, Actor{Login: "ann"}, push("later", "renovate[bot]", true), Unmet, false},
		"one head by a person":            {NewDCO(), work, renovate, append(push("later", "renovate[bot]", true), Head{SHA: "x", Sender: "ann"}), Unmet, false},
	} {
		p := pullOf1(c.commit)
		p.Author, p.Memory.Heads, p.AccountsRead = c.author, c.heads, true
		if r := c.check.Eval(p); r.State != c.want {
			t.Errorf("%s: %s, %q", name, r.State, r.Notes)
		}
		if c.check.Wants(p).Accounts {
			t.Errorf("%s: asks again who is a bot", name)
		}
		p.AccountsRead = false
		p.Commits[0].Author.Bot, p.Commits[0].Author.Account = false, ""
		if got := c.check.Wants(p).Accounts; got != c.asks {
			t.Errorf("%s: asks who is a bot: %v", name, got)
		}
	}
}

func TestPeoplesCommitsCostNoRequestForBots(t *testing.T) {
	for name, c := range map[string]Commit{
		"a person's":        {Message: "x", GitHubSigned: true},
		"signed off":        {Message: "x\n\nSigned-off-by: Ann <ann@acme.test>", Author: Signature{Name: "Ann", Email: "ann@acme.test"}, GitHubSigned: true},
		"unsigned, unknown": {Message: "x", Author: Signature{Name: "Zed", Email: "z@z"}},
		"a merge":           {Message: "x", Merge: true, Author: Signature{Name: "Zed", Email: "z@z"}, GitHubSigned: true},
	} {
		if NewDCO().Wants(pullOf1(c)).Accounts {
			t.Errorf("%s: asks who is a bot", name)
		}
	}
}

func TestMergeCommitsAreToldFromUpdatesByTheirParents(t *testing.T) {
	a, b, x := strings.Repeat("a", 40), strings.Repeat("b", 40), strings.Repeat("f", 40)
	merge := func(parents ...string) Commit { return Commit{Message: "Merge", Merge: true, Parents: parents} }
	plain := Commit{Message: "Work", Parents: []string{x}}
	for name, c := range map[string]struct {
		merge        Commit
		strict, base State
	}{
		"none":                        {Commit{Message: "More", Parents: []string{a}}, Met, Met},
		"of the base branch":          {merge(a, x), Unmet, Met},
		"into what was the base":      {merge(x, a), Unmet, Met},
		"of another branch":           {merge(a, b), Unmet, Unmet},
		"of three":                    {merge(a, b, x), Unmet, Unmet},
		"parents not known":           {merge(), Unmet, Unmet},
		"says so and is none":         {Commit{Message: "Merge branch 'main' into topic", Parents: []string{a}}, Met, Met},
		"web, signed, update by form": {Commit{Message: "Merge branch 'main' into topic", Merge: true, Web: true, GitHubSigned: true, Parents: []string{a, b}}, Unmet, Unmet},
	} {
		p := pullOf1(plain, Commit{Message: "Side", Parents: []string{x}}, c.merge)
		if r := NewNoMergeCommits().Eval(p); r.State != c.strict {
			t.Errorf("%s: %s, %q", name, r.State, r.Summary)
		}
		if r := (&NoMergeCommits{AllowBase: true}).Eval(p); r.State != c.base {
			t.Errorf("%s, the base allowed: %s, %q", name, r.State, r.Summary)
		}
	}
	cut := pullOf1(plain, merge(a, x))
	cut.CommitCount = 300
	if r := (&NoMergeCommits{AllowBase: true}).Eval(cut); r.State != Unmet {
		t.Errorf("a merge whose parent may be one of the commits that are not listed: %s", r.State)
	}
}

func TestTheLagIsComparedWithTheLimit(t *testing.T) {
	known := func(by int) *Behind {
		return &Behind{Base: "base", Head: strings.Repeat("a", 40), By: by, Known: true}
	}
	for name, c := range map[string]struct {
		behind  *Behind
		limit   int
		want    State
		unknown bool
		says    string
		linear  State
	}{
		"up to date":         {known(0), 0, Met, false, "has the newest commit of main", Met},
		"one behind":         {known(1), 0, Unmet, false, "lacks 1 commit of main. Merge main into it", Unmet},
		"within the limit":   {known(3), 3, Met, false, "lacks 3 commits of main, and may lack 3", Unmet},
		"over the limit":     {known(4), 3, Unmet, false, "lacks 4 commits of main, and may lack 3. Merge", Unmet},
		"not asked":          {nil, 9, Unmet, true, "was not asked", Unmet},
		"GitHub cannot say":  {&Behind{Base: "base", Head: strings.Repeat("a", 40)}, 9, Unmet, true, "GitHub cannot compare", Unmet},
		"of another head":    {&Behind{Base: "base", Head: "old", Known: true}, 0, Unmet, true, "was not asked", Unmet},
		"of another base":    {&Behind{Base: "old", Head: strings.Repeat("a", 40), Known: true}, 0, Unmet, true, "was not asked", Unmet},
		"less than nothing":  {known(-1), 0, Unmet, true, "cannot compare", Unmet},
		"of nothing at all":  {&Behind{Known: true}, 0, Unmet, true, "was not asked", Unmet},
		"far more than that": {known(100000), 0, Unmet, false, "lacks 100000 commits", Unmet},
	} {
		p := pullOf1(Commit{Message: "Work"})
		p.Behind = c.behind
		r := (&UpToDate{Behind: c.limit}).Eval(p)
		if r.State != c.want || r.Unknown != c.unknown || !strings.Contains(r.Summary, c.says) || r.State == Unmet && len(r.Can) == 0 {
			t.Errorf("%s: %s, unknown %v, %q by %v", name, r.State, r.Unknown, r.Summary, r.Can)
		}
		if r := NewLinear().Eval(p); r.State != c.linear || r.Unknown != c.unknown {
			t.Errorf("%s, linear: %s, unknown %v, %q", name, r.State, r.Unknown, r.Summary)
		}
	}
	merged := pullOf1(Commit{Message: "Work"}, Commit{Message: "Merge", Merge: true})
	merged.Behind = &Behind{Base: "base", Head: merged.Head.SHA, By: 2, Known: true}
	if r := NewLinear().Eval(merged); r.State != Unmet || !strings.Contains(r.Summary, "is a merge commit") || !strings.Contains(strings.Join(r.Notes, ""), "lacks 2 commits of main as well") {
		t.Errorf("a merge commit and a lag: %s, %q, %q", r.State, r.Summary, r.Notes)
	}
}

// A head in a merge queue lacks what is merged before it: the queue builds upon that.
func TestWhereThereIsAMergeQueueTheLagIsTheQueuesMatter(t *testing.T) {
	for name, c := range map[string]struct {
		commits []Commit
		linear  State
	}{
		"commits": {[]Commit{{Message: "Work"}}, Met},
		"a merge": {[]Commit{{Message: "Work"}, {Message: "Merge", Merge: true}}, Unmet},
	} {
		p := pullOf1(c.commits...)
		p.Queue, p.Behind = true, &Behind{Base: "base", Head: p.Head.SHA, By: 2, Known: true}
		if r := NewUpToDate().Eval(p); r.State != Exempt || !strings.Contains(r.Summary, "merge queue of main") {
			t.Errorf("%s: %s, %q", name, r.State, r.Summary)
		}
		if r := NewLinear().Eval(p); r.State != c.linear {
			t.Errorf("%s, linear: %s, %q", name, r.State, r.Summary)
		}
	}
}

func TestABranchIsCalledAsThePolicySays(t *testing.T) {
	check := func() *BranchName { return &BranchName{Pattern: pattern(t, `^(feature|fix)/`)} }
	everywhere := check()
	everywhere.Forks = true
	exempting := check()
	exempting.Authors = []string{"Renovate[bot]"}
	base := Ref{Name: "main", RepoID: 1}
	for name, c := range map[string]struct {
		check *BranchName
		pull  Pull
		want  State
	}{
		"as it should be":       {check(), Pull{Base: base, Head: Ref{Name: "feature/x", RepoID: 1}}, Met},
		"otherwise":             {check(), Pull{Base: base, Head: Ref{Name: "x", RepoID: 1}}, Unmet},
		"of a fork":             {check(), Pull{Base: base, Head: Ref{Name: "x", RepoID: 2}}, Exempt},
		"of a deleted fork":     {check(), Pull{Base: base, Head: Ref{Name: "x"}}, Unmet},
		"of a fork, meant too":  {everywhere, Pull{Base: base, Head: Ref{Name: "x", RepoID: 2}}, Unmet},
		"by an exempt bot":      {exempting, Pull{Base: base, Author: Actor{Login: "renovate[bot]", Bot: true}, Head: Ref{Name: "x", RepoID: 1}}, Exempt},
		"by its namesake":       {exempting, Pull{Base: base, Author: Actor{Login: "renovate"}, Head: Ref{Name: "x", RepoID: 1}}, Unmet},
		"by a ghost":            {exempting, Pull{Base: base, Head: Ref{Name: "x", RepoID: 1}}, Unmet},
		"without a name":        {check(), Pull{}, Unmet},
		"without a pattern":     {NewBranchName(), Pull{Base: base, Head: Ref{Name: "x", RepoID: 1}}, Unmet},
		"hostile and otherwise": {check(), Pull{Base: base, Head: Ref{Name: "x\u202e|`<b>@all", RepoID: 1}}, Unmet},
	} {
		r := c.check.Eval(c.pull)
		if r.State != c.want || r.State == Unmet && len(r.Can) == 0 || strings.Contains(r.Summary, "\u202e") {
			t.Errorf("%s: %s, %q by %v", name, r.State, r.Summary, r.Can)
		}
	}
	if len(NewBranchName().Faults()) != 1 || len((&BranchName{Pattern: pattern(t, "x*"), Authors: []string{" "}}).Faults()) != 2 || len(check().Faults()) != 0 {
		t.Error("settings that ask for nothing are not told from others")
	}
}

func TestConversationsAreResolved(t *testing.T) {
	at := func(resolved, outdated bool) Thread {
		return Thread{Path: "a.go", Line: 3, Resolved: resolved, Outdated: outdated, Author: Actor{Login: "bob"}}
	}
	old := &Conversations{}
	for name, c := range map[string]struct {
		check   *Conversations
		pull    Pull
		want    State
		unknown bool
		says    string
	}{
		"none":                  {NewConversations(), Pull{ThreadsRead: true}, Met, false, "There are no conversations"},
		"all resolved":          {NewConversations(), Pull{ThreadsRead: true, Threads: []Thread{at(true, false)}, ThreadCount: 1}, Met, false, "Every conversation is resolved."},
		"one is not":            {NewConversations(), Pull{ThreadsRead: true, Threads: []Thread{at(true, false), at(false, false)}, ThreadCount: 2}, Unmet, false, "1 conversation is not resolved: a.go line 3 (bob)"},
		"two are not":           {NewConversations(), Pull{ThreadsRead: true, Threads: []Thread{{Path: "b"}, at(false, false)}, ThreadCount: 2}, Unmet, false, "2 conversations are not resolved: a.go line 3 (bob) and b."},
		"outdated":              {NewConversations(), Pull{ThreadsRead: true, Threads: []Thread{at(false, true)}, ThreadCount: 1}, Unmet, false, "not resolved"},
		"outdated, not counted": {old, Pull{ThreadsRead: true, Threads: []Thread{at(false, true)}, ThreadCount: 1}, Met, false, "or about lines that have changed"},
		"not asked":             {NewConversations(), Pull{}, Unmet, true, "were not asked for"},
		"cut":                   {NewConversations(), Pull{ThreadsRead: true, Threads: []Thread{at(true, false)}, ThreadCount: 2}, Unmet, true, "lists only 1 of 2 conversations"},
		"cut, one is not":       {NewConversations(), Pull{ThreadsRead: true, Threads: []Thread{at(false, false)}, ThreadCount: 2}, Unmet, false, "not resolved"},
	} {
		r := c.check.Eval(c.pull)
		if r.State != c.want || r.Unknown != c.unknown || !strings.Contains(r.Summary, c.says) || r.State == Unmet && len(r.Can) == 0 {
			t.Errorf("%s: %s, unknown %v, %q by %v", name, r.State, r.Unknown, r.Summary, r.Can)
		}
	}
}
