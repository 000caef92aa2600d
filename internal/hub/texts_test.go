package hub

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/handrail-bot/handrail/checks"
)

// filled is verdict.graphql with some logins and teams.
func filled(t texts, logins, teams int) string {
	q := &slots{vars: m{}}
	for i := range logins {
		q.person(i, "x")
	}
	for i := range teams {
		q.team(i, "o", "s", "")
	}
	return q.into(t, t.verdict)
}

// conversing is verdict.graphql with the conversations.
func conversing(t texts) string {
	q := &slots{vars: m{}, threads: true}
	return q.into(t, t.verdict)
}

func TestEveryQueryIsOneThatGitHubUnderstands(t *testing.T) {
	s, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	x, err := readTexts()
	if err != nil {
		t.Fatal(err)
	}
	people := &slots{vars: m{}}
	people.person(0, "x")
	for name, text := range map[string]string{
		"verdict": filled(x, 0, 0), "verdict with all": filled(x, aliasLimit, 20), "people": people.into(x, x.people), "with threads": conversing(x), "threads": x.threads,
		"more": x.more, "open": x.open, "now": x.now, "proposed": x.proposed, "label": x.label, "glimpse": x.glimpse,
		"release": x.release, "more of it": x.releaseMore, "release now": x.releaseNow, "release glimpse": x.releaseGlimpse, "published": x.published,
		"release glances": x.releaseGlances, "deployments": x.deployments, "our issues": x.ourIssues, "range": rangeText(x, 150),
	} {
		if _, bad := gqlparser.LoadQueryWithRules(s, text, rules.NewDefaultRules()); bad != nil {
			t.Errorf("%s: %v", name, bad)
		}
	}
}

// points is the cost of a query by GitHub's formula ("Rate limits and node
// limits for the GraphQL API"): the requests needed for each connection, had
// every one its full number of nodes, over 100.
func points(doc *ast.QueryDocument) int {
	var walk func(ast.SelectionSet, int) int
	walk = func(set ast.SelectionSet, parents int) int {
		sum := 0
		for _, sel := range set {
			switch sel := sel.(type) {
			case *ast.Field:
				n := parents
				for _, a := range sel.Arguments {
					if a.Name == "first" || a.Name == "last" {
						sum += parents
						size, _ := strconv.Atoi(a.Value.Raw)
						n = parents * size
					}
				}
				sum += walk(sel.SelectionSet, n)
			case *ast.InlineFragment:
				sum += walk(sel.SelectionSet, parents)
			case *ast.FragmentSpread:
				sum += walk(doc.Fragments.ForName(sel.Name).SelectionSet, parents)
			}
		}
		return sum
	}
	return max(1, int(math.Round(float64(walk(doc.Operations[0].SelectionSet, 1))/100)))
}

func TestAReadCostsAtMostThreePoints(t *testing.T) {
	s, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	x, err := readTexts()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text string
		most int
	}{
		"ordinary":      {filled(x, 0, 5), 2},
		"crowded":       {filled(x, aliasLimit, 20), 3},
		"conversations": {conversing(x), 3},
		"more of them":  {x.threads, 1},
		"more":          {x.more, 2},
		"sweep of 100":  {x.open, 1},
		"a glimpse":     {x.glimpse, 1},
		"where it is":   {x.now, 1},
		"proposed text": {x.proposed, 1},

		"a release":         {x.release, 1},
		"more of a release": {x.releaseMore, 1},
		"a release, failed": {x.releaseGlimpse, 1},
		"sweep of releases": {x.releaseGlances, 1},
		"150 commits":       {rangeText(x, rangeBatch), 3},
	} {
		doc, bad := gqlparser.LoadQueryWithRules(s, c.text, rules.NewDefaultRules())
		if bad != nil {
			t.Fatal(bad)
		}
		if got := points(doc); got > c.most {
			t.Errorf("%s costs %d points, more than %d", name, got, c.most)
		}
	}
}

// BenchmarkRead measures what an answer with 100 reviews, 100 comments and 100
// commits costs after it has come in.
func BenchmarkRead(b *testing.B) {
	data := ordinary()
	pr := data["repository"].(m)["pullRequest"].(m)
	for _, name := range []string{"reviews", "comments", "commits"} {
		one := pr[name].(m)["nodes"].([]any)[0]
		nodes := make([]any, 100)
		for i := range nodes {
			nodes[i] = one
		}
		pr[name] = list(nodes...)
	}
	text, err := json.Marshal(data)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		r := reading{s: subject}
		if err := json.Unmarshal(text, &r.answer); err != nil {
			b.Fatal(err)
		}
		p := r.answer.Repository.PullRequest
		if err := p.lists.whole(opVerdict, true); err != nil {
			b.Fatal(err)
		}
		pull, err := r.pull()
		if err != nil || len(pull.Reviews) != 100 {
			b.Fatal(err)
		}
		_ = r.people(pull)
	}
}

func FuzzAnAnswerNeverPanics(f *testing.F) {
	seed, err := json.Marshal(ordinary())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	for i, cutAt := range []int{10, 100, 500} {
		f.Add([]byte(fmt.Sprintf("%s%d", seed[:cutAt], i)))
	}
	f.Add([]byte(`{"repository":{"pullRequest":{"baseRef":{"rules":{"nodes":[{}]}},"reviews":{"nodes":[{}]}}}}`))
	h := &Hub{repos: map[int64]repoIDs{}}
	f.Fuzz(func(t *testing.T, text []byte) {
		r := reading{h: h, s: checks.Subject{}}
		if json.Unmarshal(text, &r.answer) != nil || r.check() != nil {
			return
		}
		p := r.answer.Repository.PullRequest
		if p.lists.whole(opVerdict, p.BaseRef != nil) != nil || p.lists.complete() != nil {
			return
		}
		r.keep()
		if pull, err := r.pull(); err == nil {
			r.people(pull)
		}
	})
}
