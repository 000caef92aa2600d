package checks

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var shop = Repo{ID: 1, Owner: "acme", Name: "shop", DefaultBranch: "main"}

// brought is a commit of ann's that came by pull requests of the shop into main, which
// were merged as "mN", or as GitHub has it in other words: "7", "7>dev", "7@other" (of
// another repository), "7!" (not merged), "7=sha" (merged as that commit), "7=" (as an
// unknown one).
func brought(sha string, pulls ...string) RangeCommit {
	c := RangeCommit{SHA: sha, Subject: "Work on " + sha, People: []Actor{{Login: "ann", ID: 5}}}
	for _, spec := range pulls {
		p := RangePull{RepoID: 1, Base: "main", Merged: true, Author: Actor{Login: "ben", ID: 6}}
		if _, err := fmt.Sscanf(spec, "%d", &p.Number); err != nil {
			panic(err)
		}
		p.Title, p.MergeCommit = fmt.Sprint("Change ", p.Number), fmt.Sprint("m", p.Number)
		if _, base, ok := strings.Cut(spec, ">"); ok {
			p.Base = base
		}
		if strings.Contains(spec, "@") {
			p.RepoID = 2
		}
		if strings.Contains(spec, "!") {
			p.Merged, p.MergeCommit = false, ""
		}
		if _, sha, ok := strings.Cut(spec, "="); ok {
			p.MergeCommit = sha
		}
		c.Pulls = append(c.Pulls, p)
	}
	return c
}

func cutShort(c RangeCommit) RangeCommit {
	c.Cut = true
	return c
}

// saidOf is what the test says about each change: "#7 met c1 m7".
func saidOf(list []Brought) []string {
	var out []string
	for _, b := range list {
		state := string(b.State)
		if state == "" {
			state = "unknown"
		}
		name := "-"
		if b.Number > 0 {
			name = pullName(b.Number)
		}
		out = append(out, strings.TrimSpace(strings.Join(append([]string{name, state}, b.Commits...), " ")))
	}
	return out
}

func TestEveryCommitIsAnsweredForByThePullRequestThatBroughtItOrByNone(t *testing.T) {
	met := map[int]PullRecord{7: {State: EvidenceMet, Seq: 70}, 8: {State: EvidenceMet, Seq: 80}, 9: {State: EvidenceBypassed, Seq: 90, Why: "QA was missing."}}
	for name, c := range map[string]struct {
		commits []RangeCommit
		total   int // 0: all are listed
		cut     bool
		want    []string
		why     string // of the last that is not met
	}{
		"one pull request, counted once": {commits: []RangeCommit{brought("c1", "7"), brought("c2", "7"), brought("m7", "7")}, want: []string{"#7 met c1 c2 m7"}},
		"squashed":                       {commits: []RangeCommit{brought("m7", "7")}, want: []string{"#7 met m7"}},
		"the merge itself is not linked": {commits: []RangeCommit{brought("c1", "7"), brought("m7")}, want: []string{"#7 met c1 m7"}},
		"pushed beside a pull request":   {commits: []RangeCommit{brought("m7", "7"), brought("x")}, want: []string{"#7 met m7", "- no_pull_request x"}, why: "No pull request brought it."},
		"no record":                      {commits: []RangeCommit{brought("m5", "5")}, want: []string{"#5 unknown m5"}, why: "Nothing is on record of it"},
		"bypassed":                       {commits: []RangeCommit{brought("m9", "9")}, want: []string{"#9 bypassed m9"}, why: "QA was missing."},
		"in two: both answer for it":     {commits: []RangeCommit{brought("c1", "7", "9"), brought("m7", "7"), brought("m9", "9")}, want: []string{"#7 met c1 m7", "#9 bypassed c1 m9"}, why: "QA was missing."},
		"by another branch into main":    {commits: []RangeCommit{brought("c1", "9>dev", "7"), brought("m9", "9>dev", "7"), brought("m7", "7")}, want: []string{"#7 met c1 m7 m9"}},
		"into a release branch only":     {commits: []RangeCommit{brought("c1", "7>release/1"), brought("m7", "7>release/1")}, want: []string{"#7 met c1 m7"}},
		"merged where nobody looks":      {commits: []RangeCommit{brought("c1", "7>scratch")}, want: []string{"- no_pull_request c1"}, why: "It is in #7, but the merge of that is not in this release."},
		"merged as nobody knows what":    {commits: []RangeCommit{brought("c1", "7=")}, want: []string{"- unknown c1"}, why: "It is in #7, of which GitHub does not say"},
		"of a fork":                      {commits: []RangeCommit{brought("c1", "7@other=c1")}, want: []string{"- no_pull_request c1"}, why: "another repository"},
		"of a fork beside ours":          {commits: []RangeCommit{brought("m7", "7", "8@other")}, want: []string{"#7 met m7"}},
		"not merged":                     {commits: []RangeCommit{brought("c1", "7!")}, want: []string{"- no_pull_request c1"}, why: "It is in #7, which is not merged."},
		"its pull requests are cut":      {commits: []RangeCommit{cutShort(brought("c1", "7")), brought("m7", "7")}, want: []string{"#7 unknown c1 m7"}, why: "only some of the pull requests that its commit c1 is in"},
		"cut, and worse than unknown":    {commits: []RangeCommit{cutShort(brought("m9", "9"))}, want: []string{"#9 bypassed m9"}, why: "QA was missing."},
		"none of the cut ones is listed": {commits: []RangeCommit{cutShort(brought("c1"))}, want: []string{"- unknown c1"}, why: "only some of the pull requests that it is in"},
		"the list of commits is cut":     {commits: []RangeCommit{brought("m7", "7")}, total: 1251, cut: true, want: []string{"#7 met m7", "- unknown"}, why: "GitHub lists only 1 of 1,251 commits; how the others came is not known."},
		"the merge may be cut away":      {commits: []RangeCommit{brought("c1", "7")}, total: 2, cut: true, want: []string{"- unknown c1", "- unknown"}, why: "GitHub lists only 1 of 2 commits"},
		"not all are there yet":          {commits: []RangeCommit{brought("m7", "7")}, total: 3, want: []string{"#7 met m7", "- unknown"}, why: "GitHub lists only 1 of 3"},
		"listed twice":                   {commits: []RangeCommit{brought("m7", "7"), brought("m7", "7"), brought("m7")}, want: []string{"#7 met m7"}},
		"nothing":                        {},
	} {
		head := ""
		if n := len(c.commits); n > 0 {
			head = c.commits[n-1].SHA
		}
		base := RangeBase{Tag: "v1", Base: "b", Head: head, Total: c.total, Cut: c.cut}
		if c.total == 0 {
			shas := map[string]bool{}
			for _, one := range c.commits {
				shas[one.SHA] = true
			}
			base.Total = len(shas)
		}
		e, list := Weigh(base, c.commits, met, shop, "main")
		if d := cmp.Diff(c.want, saidOf(list)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
		if done := c.total == 0 || c.cut; e.Done != done || e.BaseTag != "v1" || e.Head != head || e.Gathered != min(len(c.commits), e.Total) && name != "listed twice" {
			t.Errorf("%s: %+v", name, e)
		}
		why := ""
		for _, b := range list {
			if b.State != EvidenceMet {
				why = b.Why
			}
		}
		if c.why == "" && why != "" || !strings.Contains(why, c.why) {
			t.Errorf("%s: %q, want %q", name, why, c.why)
		}
	}
}

func TestTheTaggedCommitMustBeAmongTheCommitsThatAreListed(t *testing.T) {
	e, list := Weigh(RangeBase{Head: "tagged", Total: 1}, []RangeCommit{brought("m7", "7")}, map[int]PullRecord{7: {State: EvidenceMet}}, shop, "main")
	if e.Counts[EvidenceUnknown] != 1 || e.NamelessCount != 1 {
		t.Errorf("%+v, %v", e, saidOf(list))
	}
}

func TestOfWhatIsNotMetTheWorstComesFirstAndAllIsCounted(t *testing.T) {
	records := map[int]PullRecord{1: {State: EvidenceOverridden}, 2: {}, 3: {State: EvidenceBypassed}, 4: {State: EvidenceMet}, 5: {State: "nonsense"}, 6: {State: EvidenceNoPull}}
	commits := []RangeCommit{brought("x")}
	for n := 1; n <= 6; n++ {
		commits = append(commits, brought(fmt.Sprint("m", n), fmt.Sprint(n)))
	}
	e, list := Weigh(RangeBase{Head: "x", Total: 7}, commits, records, shop, "main")
	want := []string{"- no_pull_request x", "#3 bypassed m3", "#2 unknown m2", "#5 unknown m5", "#6 unknown m6", "#1 overridden m1"}
	if d := cmp.Diff(want, saidOf(e.Odd)); d != "" {
		t.Errorf("odd (-want +got):\n%s", d)
	}
	if e.Pulls != 6 || len(list) != 7 || e.Counts[EvidenceUnknown] != 3 || e.Counts[EvidenceMet] != 1 || e.Counts[EvidenceNoPull] != 1 {
		t.Errorf("%+v", e)
	}
	var many []RangeCommit
	for n := range 300 {
		many = append(many, brought(fmt.Sprintf("x%03d", n)))
	}
	if e, _ := Weigh(RangeBase{Head: "x299", Total: 300}, many, nil, shop, "main"); len(e.Odd) != 200 || e.Counts[EvidenceNoPull] != 300 {
		t.Errorf("%d odd of %v", len(e.Odd), e.Counts)
	}
}

func TestWhereAPullRequestWentThatIsNotTheDefaultBranchIsSaid(t *testing.T) {
	e, list := Weigh(RangeBase{Head: "m9", Total: 3}, []RangeCommit{brought("m7", "7>release/1"), brought("m8", "8"), brought("m9", "9>dev")}, nil, shop, "main")
	if e.Elsewhere != 2 || !slices.Equal(e.Branches, []string{"dev", "release/1"}) || list[0].Base != "release/1" || list[1].Base != "" {
		t.Errorf("%+v, %+v", e, list)
	}
}

func TestEverybodyWhoWorkedOnWhatIsReleasedIsKnown(t *testing.T) {
	web := brought("c2", "7")
	web.People = []Actor{{Login: "Carol", ID: 7}, {Login: "web-flow", ID: 19864447}}
	bot := brought("c3", "8!")
	bot.People = []Actor{{Login: "renovate", ID: 9, Bot: true}}
	forged := brought("c4")
	forged.People = []Actor{{Login: "web-flow"}}
	ghost := brought("c5")
	ghost.People, ghost.Nameless = []Actor{{Login: "ann"}}, true
	e, _ := Weigh(RangeBase{Head: "m7", Total: 6}, []RangeCommit{brought("c1", "7"), web, bot, forged, ghost, brought("m7", "7")}, nil, shop, "main")
	want := []RangeContributor{
		{Login: "ann", ID: 5, Commit: "c1"}, {Login: "ben", ID: 6, Pull: 7}, {Login: "carol", ID: 7, Commit: "c2"}, {Login: "renovate[bot]", ID: 9, Commit: "c3"},
	}
	if d := cmp.Diff(want, e.Contributors); d != "" {
		t.Errorf("contributors (-want +got):\n%s", d)
	}
	if !slices.Equal(e.Nameless, []string{"c4", "c5"}) || e.NamelessCount != 2 {
		t.Errorf("nameless: %v, %d", e.Nameless, e.NamelessCount)
	}
}

func drawnRange(t *rapid.T) ([]RangeCommit, map[int]PullRecord) {
	records := map[int]PullRecord{}
	for n := range 6 {
		if state := rapid.SampledFrom([]EvidenceState{"none", EvidenceUnknown, EvidenceMet, EvidenceMet, EvidenceOverridden, EvidenceBypassed}).Draw(t, "state"); state != "none" {
			records[n+1] = PullRecord{State: state, Seq: int64(n)}
		}
	}
	var commits []RangeCommit
	for i := range rapid.IntRange(0, 12).Draw(t, "commits") {
		sha := fmt.Sprint("c", i)
		if rapid.Bool().Draw(t, "merge") {
			sha = fmt.Sprint("m", i/2)
		}
		spec := rapid.SliceOfN(rapid.SampledFrom([]string{"1", "2", "3", "4", "5>dev", "6>dev", "1!", "2@other", "3="}), 0, 3).Draw(t, "pulls")
		c := brought(sha, spec...)
		c.Cut = rapid.IntRange(0, 9).Draw(t, "cut") == 0
		commits = append(commits, c)
	}
	return commits, records
}

func TestWhatAReleaseBringsDoesNotDependOnTheOrderItIsReadIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		commits, records := drawnRange(t)
		base := RangeBase{Head: "m1", Total: len(commits), Cut: rapid.Bool().Draw(t, "cut range")}
		e, list := Weigh(base, commits, records, shop, "main")
		again := slices.Clone(commits)
		shuffle := rand.New(rand.NewSource(rapid.Int64().Draw(t, "seed")))
		shuffle.Shuffle(len(again), func(i, j int) { again[i], again[j] = again[j], again[i] })
		for i := range again {
			again[i].Pulls = slices.Clone(again[i].Pulls)
			slices.Reverse(again[i].Pulls)
		}
		e2, list2 := Weigh(base, again, records, shop, "main")
		if d := cmp.Diff(e, e2) + cmp.Diff(list, list2); d != "" {
			t.Fatal(d)
		}
	})
}

// What is not on record as met is never counted as met, and no commit is left out.
func TestNoCommitOfAReleaseIsLeftOutOrBetterThanItsRecord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		commits, records := drawnRange(t)
		e, list := Weigh(RangeBase{Head: "m1", Total: len(commits)}, commits, records, shop, "main")
		seen, total := map[string]bool{}, 0
		for _, b := range list {
			total++
			if b.State == EvidenceMet && records[b.Number].State != EvidenceMet {
				t.Fatalf("%+v of %+v", b, records[b.Number])
			}
			for _, sha := range b.Commits {
				seen[sha] = true
			}
		}
		counted := 0
		for _, n := range e.Counts {
			counted += n
		}
		for _, c := range commits {
			if !seen[c.SHA] {
				t.Fatalf("%s is left out of %v", c.SHA, saidOf(list))
			}
		}
		if counted != total || e.Counts[EvidenceMet]+len(e.Odd) != total {
			t.Fatalf("%d changes, counted %v, %d odd", total, e.Counts, len(e.Odd))
		}
		worse := map[int]PullRecord{}
		for n, r := range records {
			worse[n] = r
		}
		n := rapid.IntRange(1, 6).Draw(t, "worse")
		worse[n] = PullRecord{State: EvidenceBypassed}
		if w, _ := Weigh(RangeBase{Head: "m1", Total: len(commits)}, commits, worse, shop, "main"); w.Counts[EvidenceMet] > e.Counts[EvidenceMet] {
			t.Fatalf("a bypass helps: %v, then %v", e.Counts, w.Counts)
		}
	})
}

func TestTheDigestOfTheEvidenceTellsWhatWasWeighedApart(t *testing.T) {
	records := map[int]PullRecord{7: {State: EvidenceMet, Seq: 1}}
	weigh := func(change func(*RangeBase, *[]RangeCommit, map[int]PullRecord)) string {
		base, commits := RangeBase{Base: "b", Head: "m7", Total: 2}, []RangeCommit{brought("c1", "7"), brought("m7", "7")}
		mine := map[int]PullRecord{7: records[7]}
		change(&base, &commits, mine)
		e, _ := Weigh(base, commits, mine, shop, "main")
		return e.Digest
	}
	none := weigh(func(*RangeBase, *[]RangeCommit, map[int]PullRecord) {})
	if len(none) != 64 {
		t.Errorf("digest %q", none)
	}
	for name, change := range map[string]func(*RangeBase, *[]RangeCommit, map[int]PullRecord){
		"base":   func(b *RangeBase, _ *[]RangeCommit, _ map[int]PullRecord) { b.Base = "other" },
		"cut":    func(b *RangeBase, _ *[]RangeCommit, _ map[int]PullRecord) { b.Cut = true },
		"commit": func(_ *RangeBase, c *[]RangeCommit, _ map[int]PullRecord) { (*c)[0].SHA = "c9" },
		"state": func(_ *RangeBase, _ *[]RangeCommit, r map[int]PullRecord) {
			r[7] = PullRecord{State: EvidenceOverridden, Seq: 1}
		},
		"record": func(_ *RangeBase, _ *[]RangeCommit, r map[int]PullRecord) {
			r[7] = PullRecord{State: EvidenceMet, Seq: 2}
		},
	} {
		if weigh(change) == none {
			t.Errorf("another %s has the same digest", name)
		}
	}
	renamed := weigh(func(_ *RangeBase, c *[]RangeCommit, _ map[int]PullRecord) { (*c)[0].Pulls[0].Title = "Better words" })
	if renamed != none {
		t.Error("another title makes other evidence")
	}
}

func BenchmarkWeighingFiveThousandCommits(b *testing.B) {
	var commits []RangeCommit
	records := map[int]PullRecord{}
	for n := 1; n <= 2000; n++ {
		records[n] = PullRecord{State: EvidenceMet, Seq: int64(n)}
		for k := range 2 + n%2 {
			sha := fmt.Sprintf("%038d%02d", n, k)
			if k == 0 {
				sha = fmt.Sprint("m", n)
			}
			commits = append(commits, brought(sha, fmt.Sprint(n)))
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if e, _ := Weigh(RangeBase{Head: "m2000", Total: len(commits)}, commits, records, shop, "main"); e.Pulls != 2000 || e.Total != 5000 {
			b.Fatalf("%d pull requests, %d commits", e.Pulls, e.Total)
		}
	}
}
