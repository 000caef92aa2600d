package checks_test

import (
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// One person in both teams signs for one of two roles only, where one of them says
// that its holders may not sign for another.
func TestNobodySignsForTwoRolesOfOneRuleWhereOneIsDistinct(t *testing.T) {
	for name, test := range map[string]struct {
		distinct string
		want     checks.State
	}{
		"distinct": {", distinct: true", checks.Waiting},
		"not":      {"", checks.Met},
	} {
		for _, rule := range []string{
			"paths: [{name: Books, files: ['books/**'], roles: [platform, finance]}]",
			"limits: [{name: Books, files: ['books/**'], key: '**.memory', over: 1Gi, roles: [platform, finance]}]",
		} {
			policy := under(t, "version: 1\nroles: {platform: {users: [pat]}, finance: {users: [pat, fay]"+test.distinct+"}}\n"+
				"review: {sign_offs: []}\ncompliance: {"+rule+"}\n")
			pull := signedTwice()
			for _, v := range policy.Need().Values {
				pull.Values = map[string]checks.Values{v.Key(): {Files: []checks.ValueFile{{
					Path: "books/a.yaml", Head: []checks.Value{{Key: "a.memory", Text: "2Gi", Amount: "2147483648", Line: 1}},
				}}}}
			}
			if w := policy.Wants(pull); !w.None() {
				t.Fatalf("the snapshot lacks %+v", w)
			}
			if got := checks.Judge(policy, pull); got.State != test.want {
				t.Errorf("%s, %s: %s, want %s: %+v", name, rule, got.State, test.want, got.Results)
			}
		}
	}
}

// signedTwice is a pull request on which pat has signed for both roles.
func signedTwice() checks.Pull {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	head := "aaaa111aaaa111aaaa111aaaa111aaaa111aaaa1"
	who := checks.Signature{Name: "dev", Email: "dev@example.com", Login: "dev"}
	files := []checks.File{{Path: "books/a.yaml", Status: "modified", Mode: "100644", SHA: "f1", Additions: 1, LinesKnown: true}}
	p := checks.Pull{
		At: at, Repo: checks.Repo{ID: 1, Owner: "acme", Name: "shop"}, Number: 7, ID: "PR_7", Title: "Books", Open: true,
		Author: checks.Actor{Login: "dev", ID: 1}, Base: checks.Ref{Name: "main", SHA: "b", RepoID: 1}, Head: checks.Ref{Name: "books", SHA: head, RepoID: 1},
		Files: files, FilesRead: true, FileCount: 1, Commits: []checks.Commit{{SHA: head, Author: who, Committer: who}}, CommitCount: 1,
		People: map[string]checks.Person{},
		Memory: checks.Memory{
			Heads:   []checks.Head{{SHA: head, Since: at.Add(-time.Hour), Sender: "dev", SenderID: 1}},
			Changes: map[string]checks.Change{head: {Base: "main", Files: files, Whole: true}},
			Seen:    map[string]checks.Seen{},
		},
	}
	for _, login := range []string{"pat", "fay", "dev"} {
		p.People[login] = checks.Person{Login: login, Permission: "write"}
	}
	for i, say := range []string{"/approve platform", "/approve finance"} {
		id := int64(i + 1)
		p.Comments = append(p.Comments, checks.Comment{ID: id, Author: checks.Actor{Login: "pat", ID: 2}, Body: say, Created: at.Add(-time.Minute)})
		p.Memory.Seen["comment/"+string(rune('0'+id))] = checks.Seen{Text: say, Head: head, Base: "main", Permission: "write"}
	}
	return p
}
