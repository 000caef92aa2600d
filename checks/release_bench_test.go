package checks_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// crowd is a release about which very many people have said and done very much.
func crowd(b *testing.B, text string) *scene {
	s := newScene(b, text)
	for i := range 2000 {
		s.r.Evidence.Contributors = append(s.r.Evidence.Contributors, checks.RangeContributor{Login: fmt.Sprint("dev", i), ID: int64(1000 + i), Commit: fmt.Sprintf("%040d", i)})
	}
	for i := range 1000 {
		s.r.Outs = append(s.r.Outs, checks.Out{Tag: fmt.Sprint("v0.", i), Commit: fmt.Sprint(i), Known: true, At: releaseNoon})
		s.r.Runs = append(s.r.Runs, checks.Run{DatabaseID: int64(i), Name: fmt.Sprint("job ", i), AppID: 5, Status: "completed", Conclusion: "success", Completed: releaseNoon})
		s.r.BranchRequires = append(s.r.BranchRequires, checks.Required{Name: fmt.Sprint("job ", i)})
	}
	kinds := []checks.ActKind{checks.ActSign, checks.ActPromote, checks.ActReject, checks.ActRevoke, checks.ActAccept, checks.ActSign}
	for i := range 5000 {
		s.act(kinds[i%len(kinds)], releaseCast[i%8], withRole(releaseNames[i%4]), because("because"), func(a *checks.Act) { a.At = releaseNoon.Add(time.Duration(i) * time.Second) })
		s.r.Issue.Comments = append(s.r.Issue.Comments, checks.Comment{ID: int64(i), Author: person("bob"), Body: "/sign-off qa\nQA +1", Created: s.r.At, Edited: s.r.At})
	}
	s.r.At = releaseNoon.Add(2 * time.Hour)
	return s
}

func BenchmarkAReleaseThatVeryManyTalkAbout(b *testing.B) {
	for name, text := range map[string]string{"two stages": twoStages, "a role of two stages": sharedRole} {
		b.Run(name, func(b *testing.B) {
			s := crowd(b, text)
			for b.Loop() {
				checks.JudgeRelease(s.p, s.r)
			}
		})
	}
	b.Run("heard", func(b *testing.B) {
		s := crowd(b, twoStages)
		for b.Loop() {
			checks.HearRelease(s.p, s.r)
		}
	})
}
