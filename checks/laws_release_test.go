package checks_test

import (
	"encoding/json"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handrail-bot/handrail/checks"
)

// releaseTexts are policies that random releases are judged by.
var releaseTexts = []string{
	twoStages,
	strings.Replace(twoStages, "  tags:", "  separation: strict\n  promote: approved\n  valid: 2d\n  tags:", 1),
	releaseRoles + `release:
  tags: ["v*"]
  unattributed: allow
  promoter: release-management
  require: [build]
  evidence: {no_pull_request: block, bypassed: show}
  stages:
    - {name: All, environment: production, sign_offs: [{role: qa, count: 2}, {role: security}, {role: release-management}]}
`,
	strings.Replace(releaseRoles, "qa: {team: acme/qa,", "qa: {team: acme/qa, distinct: true,", 1) + `release:
  tags: ["v*"]
  stages:
    - {name: A, sign_offs: [{role: qa}, {role: security}]}
    - {name: B, sign_offs: [{role: release-management}, {role: on-call}]}
  freeze: [{name: Night, from: "22:00Z", until: "04:00Z", days: [mon, tue, wed, thu, fri], reason: Nobody is there, role: on-call}]
  emergency: {role: qa}
`,
}

// sharedRole is a policy two of whose stages ask for the same roles.
const sharedRole = releaseRoles + `release:
  tags: ["v*"]
  stages:
    - {name: A, sign_offs: [{role: qa}, {role: security}]}
    - {name: B, sign_offs: [{role: qa}, {role: release-management}]}
`

var (
	releaseCast   = []string{"bob", "quinn", "carol", "dave", "erin", "olaf", "ann", "tess", "mallory", "ci[bot]", ""}
	releaseNames  = []checks.RoleName{"qa", "release-management", "security", "on-call", "QA", "", "rejection", "nobody"}
	releaseStages = []string{"Development", "production", "All", "A", "B", "None"}
)

// truth is what a test knows of a release besides what is in it: since when the
// candidate is there that is there now.
type truth struct {
	digest string
	since  time.Time
	again  bool
	had    map[string]bool
}

// note takes note of the candidate that is there.
func (w *truth) note(s *scene) {
	if d := s.digest(); d != w.digest {
		w.again = w.had[d]
		w.digest, w.since = d, s.r.At
		w.had[d] = true
	}
}

// happen lets something happen to a release.
func happen(t *rapid.T, s *scene, texts []string) {
	who := func() string { return pick(t, releaseCast, "who") }
	role := func() checks.RoleName { return pick(t, releaseNames[:6], "role") }
	odd := func(a *checks.Act) {
		switch rapid.IntRange(0, 24).Draw(t, "odd") {
		case 0:
			a.Edited = true
		case 1:
			a.Candidate = ""
		case 2:
			a.Candidate = pick(t, s.r.Memory.Candidates, "candidate").Digest
		case 3:
			a.Candidate = a.Candidate[:min(len(a.Candidate), rapid.IntRange(8, 20).Draw(t, "digits"))]
		case 4:
			a.At = a.At.Add(-time.Duration(rapid.IntRange(0, 30).Draw(t, "late")) * time.Hour)
		case 5:
			a.By.ID = 0
		case 6:
			a.By.Login = strings.ToUpper(a.By.Login)
		}
	}
	why := because(pick(t, []string{"it has to be", "it has to be", "it has to be", ""}, "reason"))
	switch rapid.SampledFrom([]int{0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 18, 19, 20, 21, 21, 21, 21, 22, 22, 22, 23}).Draw(t, "event") {
	case 0:
		s.act(checks.ActSign, who(), withRole(role()), odd)
	case 1:
		s.act(checks.ActSign, who(), withRole(pick(t, []checks.RoleName{"", "", "qa", "security"}, "role")), func(a *checks.Act) {
			a.Stage, a.Via, a.Candidate = pick(t, releaseStages, "stage"), checks.ByButton, a.Candidate[:checks.ShortCandidate]
		}, odd)
	case 2:
		s.act(checks.ActRevoke, who(), withRole(pick(t, releaseNames, "role")), why, odd)
	case 3:
		s.act(checks.ActReject, who(), why, odd)
	case 4:
		s.act(checks.ActRevoke, who(), withRole("rejection"), why, odd)
	case 5:
		s.act(checks.ActAccept, who(), why, func(a *checks.Act) { a.Evidence = s.r.Evidence.Digest }, odd)
	case 6:
		s.act(checks.ActPromote, who(), odd)
	case 7:
		s.act(checks.ActEmergency, who(), why, odd)
	case 8:
		n := pick(t, []string{"1", "2", "3"}, "tag")
		s.r.Tag = checks.Tag{Name: "v1.2.0", OID: "a" + n, Commit: "c" + n, Pusher: person(pick(t, []string{"tess", "tess", "bob", "ci[bot]", ""}, "pusher"))}
		s.r.Evidence.Head = s.r.Tag.Commit
	case 9:
		s.r.Tag.Gone, s.r.Tag.OID, s.r.Tag.Commit = true, "", ""
	case 10:
		s.r.Page.Assets = []checks.Asset{{Name: "app", Digest: "sha256:" + pick(t, []string{"aa", "bb"}, "digest"), Ready: rapid.IntRange(0, 3).Draw(t, "ready") > 0}}
	case 11:
		s.r.Page = pick(t, []checks.ReleasePage{{}, {ID: 7, Draft: true}, {ID: 8, Draft: true}, {ID: 7, Prerelease: true}}, "page")
	case 12:
		s.reread(pick(t, texts, "policy"))
	case 13, 14:
		team := pick(t, []string{"acme/qa", "acme/rm", "acme/sec"}, "team")
		s.r.Teams[team] = checks.Team{Name: team, Found: true, Members: some(t, 5, "members", who)}
	case 15:
		login := pick(t, releaseCast[:8], "who")
		s.r.People[login] = checks.Person{Login: login, Permission: pick(t, []string{"write", "admin", "read", ""}, "permission")}
	case 16:
		e := &s.r.Evidence
		e.Done = rapid.IntRange(0, 3).Draw(t, "done") > 0
		e.Digest = strings.Repeat(pick(t, []string{"e1", "e2"}, "evidence"), 32)
		e.Counts = map[checks.EvidenceState]int{checks.EvidenceMet: 2, pick(t, []checks.EvidenceState{checks.EvidenceMet, checks.EvidenceNoPull, checks.EvidenceBypassed, checks.EvidenceUnknown, checks.EvidenceOverridden, "odd"}, "state"): 1}
	case 17:
		s.r.Runs = []checks.Run{{DatabaseID: 5, Name: "build", AppID: 5, Status: "completed", Conclusion: pick(t, []string{"success", "failure"}, "build"), Completed: s.r.At}}
	case 18:
		s.wait(pick(t, []time.Duration{time.Minute, time.Hour, 9 * time.Hour, 30 * time.Hour, 20 * 24 * time.Hour}, "wait"))
	case 19:
		s.r.Outs = pick(t, [][]checks.Out{nil, nil, {{Tag: "v1.3.0", Commit: "d", Contains: true, Known: true, At: s.r.At}}, {{Tag: "v1.1.0", Commit: "b", Known: true}}, {{Tag: "v9", Commit: "e"}}}, "outs")
	case 20:
		s.r.Tag.Gone = false
	case 21:
		everySign(t, s)
	case 22:
		s.act(checks.ActPromote, pick(t, []string{"carol", "carol", "erin", "bob"}, "who"))
	case 23:
		s.r.Outs, s.r.Runs = nil, []checks.Run{{DatabaseID: 5, Name: "build", AppID: 5, Status: "completed", Conclusion: "success", Completed: s.r.At}}
		s.r.Evidence.Done, s.r.Evidence.Counts = true, map[checks.EvidenceState]int{checks.EvidenceMet: 3}
	}
}

// everySign lets most sign who are asked, the first or the last of each team.
func everySign(t *rapid.T, s *scene) {
	for _, st := range s.p.Release.Stages {
		for _, so := range st.SignOffs {
			holders := slices.Concat(s.p.Roles[so.Role].Users, s.r.Teams[s.p.Roles[so.Role].Team].Members)
			for i := range min(max(so.Count, 1), len(holders)) {
				if rapid.Bool().Draw(t, "the last") {
					i = len(holders) - 1 - i
				}
				if rapid.IntRange(0, 9).Draw(t, "signs") > 0 {
					s.act(checks.ActSign, holders[i], withRole(so.Role), func(a *checks.Act) { a.Stage = st.Name })
				}
			}
		}
	}
}

// history lets a release live, and holds each verdict against the rule. It returns how
// often it was promoted.
func history(t *rapid.T, texts []string, both bool) (promoted, emergencies int) {
	s := newScene(t, pick(t, texts, "policy"))
	w := &truth{digest: s.digest(), since: s.r.At, had: map[string]bool{s.digest(): true}}
	for range rapid.IntRange(3, 40).Draw(t, "events") {
		happen(t, s, texts)
		w.note(s)
		fresh := s.r.Memory.Promoted != w.digest || w.again && w.since.After(s.r.Memory.PromotedAt) && s.r.Memory.Released.IsZero()
		v := checks.JudgeRelease(s.p, s.r)
		sameAgain(t, s, v)
		if v.Promote != nil && fresh {
			holdsUp(t, s, w, v)
			promoted++
			if v.Promote.Emergency {
				emergencies++
			}
		}
		if both && v.Promote == nil && fresh {
			if ask := rightly(s, w); ask != "" {
				t.Fatalf("it is not promoted, though %s\n%s\n%s", ask, encode(s.r.Acts), shownAll(v))
			}
		}
		s.judge()
		s.see()
	}
	return promoted, emergencies
}

// holdsUp holds a promotion against the rule.
func holdsUp(t *rapid.T, s *scene, w *truth, v checks.ReleaseVerdict) {
	if v.Digest != w.digest || v.Digest != s.digest() {
		t.Fatalf("candidate %s is promoted, and %s is there", v.Digest, w.digest)
	}
	why := ""
	if v.Promote.Emergency {
		why = declared(s, w)
	} else {
		why = rightly(s, w)
	}
	if why == "" {
		t.Fatalf("it is promoted, and by the rule nobody may have:\n%s\n%s\n%s", encode(v.Promote), encode(s.r.Acts), shownAll(v))
	}
	for _, g := range v.Environments {
		if g.State != "approved" {
			t.Fatalf("it is promoted, and a job waits: %v", v.Environments)
		}
	}
}

// TestLawNothingIsPromotedThatNotEverybodyHasSigned holds random histories against the
// rule, said anew: for exactly the candidate that is there every role of every stage is
// signed by distinct people who may, and somebody who may asked after that, or an
// emergency is on record.
func TestLawNothingIsPromotedThatNotEverybodyHasSigned(t *testing.T) {
	promoted, emergencies, tried := 0, 0, 0
	untilTried(t, &tried, func(t *rapid.T) {
		p, e := history(t, releaseTexts, true)
		promoted, emergencies = promoted+p, emergencies+e
		if promoted > emergencies && emergencies > 0 {
			tried++
		}
	})
	t.Logf("%d promotions, %d of them in emergencies", promoted, emergencies)
	if promoted == emergencies || emergencies == 0 {
		t.Errorf("%d promotions, %d of them in emergencies: the law was not tried", promoted, emergencies)
	}
}

// TestLawARoleOfTwoStagesIsSignedForEach: a sign-off stands for one stage.
func TestLawARoleOfTwoStagesIsSignedForEach(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { history(t, []string{sharedRole}, false) })
}

// FuzzReleases lets Go's fuzzer look for a history that breaks the law.
func FuzzReleases(f *testing.F) {
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) {
		if rapid.Bool().Draw(t, "two stages of one role") {
			history(t, []string{sharedRole}, false)
			return
		}
		history(t, releaseTexts, true)
	}))
}

// sameAgain: the same of a release that was stored and read, and of one in another
// order; and every result says what is missing and who can supply it.
func sameAgain(t *rapid.T, s *scene, v checks.ReleaseVerdict) {
	var again checks.Release
	if err := json.Unmarshal([]byte(encode(s.r)), &again); err != nil {
		t.Fatal(err)
	}
	if w := checks.JudgeRelease(s.p, again); encode(v) != encode(w) {
		t.Fatalf("it is another after it was stored:\n%s", cmp.Diff(v, w))
	}
	if w := checks.JudgeRelease(s.p, shuffledRelease(again, rapid.Int64().Draw(t, "seed"))); encode(v) != encode(w) {
		t.Fatalf("it is another in another order:\n%s", cmp.Diff(v, w))
	}
	var walk func([]checks.Result)
	walk = func(results []checks.Result) {
		for _, r := range results {
			explained(t, r)
			walk(r.Parts)
		}
	}
	walk(v.Results)
	for _, r := range v.Refused {
		explained(t, checks.Result{ID: string(r.Act.Kind), Summary: r.Why, State: checks.Met})
	}
	for _, g := range v.Environments {
		explained(t, checks.Result{ID: "gate", Summary: g.Why, State: checks.Met})
	}
}

func shuffledRelease(r checks.Release, seed int64) checks.Release {
	by := rand.New(rand.NewSource(seed))
	r.Acts, r.Runs, r.Outs, r.Artifacts = mixed(by, r.Acts), mixed(by, r.Runs), mixed(by, r.Outs), mixed(by, r.Artifacts)
	r.BranchRequires, r.Gates, r.Deployments, r.Dispatched = mixed(by, r.BranchRequires), mixed(by, r.Gates), mixed(by, r.Deployments), mixed(by, r.Dispatched)
	r.Page.Assets, r.Issue.Comments = mixed(by, r.Page.Assets), mixed(by, r.Issue.Comments)
	r.Evidence.Contributors, r.Evidence.Nameless, r.Evidence.Odd = mixed(by, r.Evidence.Contributors), mixed(by, r.Evidence.Nameless), mixed(by, r.Evidence.Odd)
	for name, team := range r.Teams {
		team.Members = mixed(by, team.Members)
		r.Teams[name] = team
	}
	return r
}

// The rule, said anew and plainly.

// sameOne says whether an act is by a person.
func sameOne(a checks.Actor, login string, id int64) bool {
	return a.ID != 0 && a.ID == id || a.Login != "" && strings.EqualFold(a.Login, login)
}

// may says whether somebody may sign as a role now: holds it, is no bot, has not put the
// tag there and, with strict separation, has not worked on what it brings.
func (s *scene) may(who checks.Actor, role checks.RoleName) bool {
	return s.inRole(who, role) && s.apart(who)
}

// apart says whether somebody has had no part in what they are to answer for.
func (s *scene) apart(who checks.Actor) bool {
	rules := s.p.Release
	return !sameOne(s.r.Tag.Pusher, who.Login, who.ID) && !sameOne(s.r.Tag.Named, who.Login, who.ID) &&
		(s.r.Tag.Pusher.Login != "" || rules.Unattributed == checks.UnattributedAllow) &&
		(rules.Separation != checks.SeparationStrict || s.r.Evidence.Done && !slices.ContainsFunc(s.r.Evidence.Contributors, func(c checks.RangeContributor) bool { return sameOne(who, c.Login, c.ID) }))
}

func (s *scene) inRole(who checks.Actor, name checks.RoleName) bool {
	role, known := s.p.Roles[name]
	login := strings.ToLower(who.Login)
	if !known || login == "" || who.Bot {
		return false
	}
	named := slices.ContainsFunc(role.Users, func(u string) bool { return strings.EqualFold(u, login) })
	for _, u := range role.Users {
		if s.r.People[strings.ToLower(u)].Permission == "" {
			return false // the role names somebody of whom nothing is known
		}
	}
	if role.Team != "" {
		team := s.r.Teams[role.Team]
		named = team.Found && slices.ContainsFunc(team.Members, func(m string) bool { return strings.EqualFold(m, login) })
	}
	p := s.r.People[login].Permission
	return named && (p == "write" || p == "maintain" || p == "admin")
}

// bound says whether an act is about the candidate that is there, since it is there.
func (w *truth) bound(a checks.Act) bool {
	return len(a.Candidate) >= 12 && strings.HasPrefix(w.digest, a.Candidate) && (!w.again || a.At.After(w.since))
}

// later says whether an act came after another, in the order of the record where both
// were in the same moment.
func later(a, b checks.Act) bool { return a.At.After(b.At) || a.At.Equal(b.At) && a.Seq > b.Seq }

// ground says whether all is there besides sign-offs and the freeze.
func (s *scene) ground(w *truth, upTo time.Time) bool {
	r, rules := &s.r, s.p.Release
	if r.Tag.Gone || r.Tag.Commit == "" || r.Tag.Pusher.Login == "" && rules.Unattributed != checks.UnattributedAllow {
		return false
	}
	for _, o := range r.Outs {
		if o.Contains || !o.Known {
			return false
		}
	}
	if !r.Evidence.Done || r.Evidence.Head != r.Tag.Commit || !r.Page.Draft && !r.Page.Prerelease && r.Page.ID != 0 && r.Memory.Promoted == "" {
		return false
	}
	for _, a := range r.Page.Assets {
		if !a.Ready {
			return false
		}
	}
	for _, q := range rules.Require {
		if len(r.Runs) != 1 || r.Runs[0].Name != q.Name || r.Runs[0].Conclusion != "success" || r.Runs[0].Completed.After(upTo) {
			return false
		}
	}
	return s.weighed(w, upTo) && !s.turnedDown(w, upTo)
}

// weighed says whether what the evidence shows may go out.
func (s *scene) weighed(w *truth, upTo time.Time) bool {
	e := s.p.Release.Evidence
	words := map[checks.EvidenceState]checks.EvidenceWord{
		checks.EvidenceMet: checks.EvidenceShow, checks.EvidenceOverridden: e.Overridden, checks.EvidenceBypassed: e.Bypassed,
		checks.EvidenceUnknown: e.Unknown, checks.EvidenceNoPull: e.NoPullRequest,
	}
	accept := false
	for state, n := range s.r.Evidence.Counts {
		if n > 0 && words[state] != checks.EvidenceShow {
			if accept = true; words[state] != checks.EvidenceAccept {
				return false
			}
		}
	}
	if !accept {
		return true
	}
	stages := s.p.Release.Stages
	for _, a := range s.r.Acts {
		if a.Kind != checks.ActAccept || !w.bound(a) || a.Edited || a.Reason == "" || a.Evidence != s.r.Evidence.Digest || a.At.After(upTo) || !a.At.Add(time.Duration(s.p.Release.Valid)).After(s.r.At) {
			continue
		}
		for _, so := range stages[len(stages)-1].SignOffs {
			if s.may(a.By, so.Role) {
				return true
			}
		}
	}
	return false
}

// anyRole says whether somebody holds a role that some stage asks for.
func (s *scene) anyRole(who checks.Actor) bool {
	for _, st := range s.p.Release.Stages {
		for _, so := range st.SignOffs {
			if s.inRole(who, so.Role) {
				return true
			}
		}
	}
	return false
}

// promoter says whether somebody holds a role that promotes.
func (s *scene) promoter(who checks.Actor) bool {
	if role := s.p.Release.Promoter; role != "" {
		return s.inRole(who, role)
	}
	return s.anyRole(who)
}

// turnedDown says whether a rejection stands, or stood at a moment.
func (s *scene) turnedDown(w *truth, upTo time.Time) bool {
	for _, a := range s.r.Acts {
		stranger := a.By.Login != "" && !s.anyRole(a.By) && !s.promoter(a.By) && !s.unsure(a.By)
		if a.Kind != checks.ActReject || a.Reason == "" || a.By.Login == "" || stranger || !w.bound(a) && (a.Candidate != "" || !a.At.After(w.since)) {
			continue
		}
		taken := slices.ContainsFunc(s.r.Acts, func(b checks.Act) bool {
			return b.Kind == checks.ActRevoke && strings.EqualFold(string(b.Role), "rejection") && later(b, a) && !b.Edited && b.Reason != "" && !b.At.After(upTo) &&
				(sameOne(b.By, a.By.Login, a.By.ID) || s.promoter(b.By) && s.apart(b.By))
		})
		if !taken {
			return true
		}
	}
	return false
}

// unsure says whether somebody's access could not be read, or a role could not be, so
// that they may hold one.
func (s *scene) unsure(who checks.Actor) bool {
	for _, st := range s.p.Release.Stages {
		for _, so := range st.SignOffs {
			role := s.p.Roles[so.Role]
			for _, u := range role.Users {
				if s.r.People[strings.ToLower(u)].Permission == "" {
					return true
				}
			}
			team := s.r.Teams[role.Team]
			if role.Team != "" && (len(team.Members) == 0 || slices.ContainsFunc(team.Members, func(m string) bool { return strings.EqualFold(m, who.Login) }) && s.r.People[strings.ToLower(who.Login)].Permission == "") {
				return true
			}
		}
	}
	return false
}

// frozen says whether a freeze of the policies above holds at a moment, and nobody has
// let the release through up to another.
func (s *scene) frozen(w *truth, upTo time.Time) bool {
	if len(s.p.Release.Freeze) == 0 || !night(s.r.At) {
		return false
	}
	return !slices.ContainsFunc(s.r.Acts, func(a checks.Act) bool {
		return a.Kind == checks.ActSign && strings.EqualFold(string(a.Role), "on-call") && s.counts(w, a) && s.may(a.By, "on-call") && !s.r.At.After(a.At.Add(12*time.Hour)) && sameNight(a.At, s.r.At) && !a.At.After(upTo)
	})
}

// night says whether a moment is in the freeze from 22:00 to 04:00 that begins on
// weekdays.
func night(at time.Time) bool {
	evening := at.Add(-4 * time.Hour) // the day on which it began
	return (at.Hour() >= 22 || at.Hour() < 4) && evening.Weekday() != time.Saturday && evening.Weekday() != time.Sunday
}

func sameNight(a, b time.Time) bool {
	return night(a) && a.Add(-4*time.Hour).YearDay() == b.Add(-4*time.Hour).YearDay() && b.Sub(a) < 12*time.Hour
}

// counts says whether a sign-off stands, whoever it is by.
func (s *scene) counts(w *truth, a checks.Act) bool {
	if a.Kind != checks.ActSign || a.Edited || !w.bound(a) || !a.At.Add(time.Duration(s.p.Release.Valid)).After(s.r.At) {
		return false
	}
	return !slices.ContainsFunc(s.r.Acts, func(b checks.Act) bool {
		about := strings.EqualFold(string(b.Role), string(a.Role)) || a.Role == "" && b.Role != "" && s.p.Roles[b.Role].Name != "" && s.may(a.By, b.Role) && s.asks(a.Stage, b.Role)
		return b.Kind == checks.ActRevoke && b.Role != "" && about && later(b, a) && b.Reason != "" && sameOne(b.By, a.By.Login, a.By.ID)
	})
}

// asks says whether a stage asks for a role.
func (s *scene) asks(stage string, role checks.RoleName) bool {
	for _, st := range s.p.Release.Stages {
		if strings.EqualFold(st.Name, stage) && slices.ContainsFunc(st.SignOffs, func(so checks.StageSignOff) bool { return so.Role == role }) {
			return true
		}
	}
	return false
}

// seat is one person who has to sign.
type seat struct {
	stage string
	role  checks.RoleName
}

// everybody says whether every role of every stage is signed, up to a moment: it tries
// all ways to give each sign-off a seat.
func (s *scene) everybody(w *truth, upTo time.Time) bool {
	var seats []seat
	for _, st := range s.p.Release.Stages {
		for _, so := range st.SignOffs {
			for range max(so.Count, 1) {
				seats = append(seats, seat{st.Name, so.Role})
			}
		}
	}
	var acts []checks.Act
	for _, a := range s.r.Acts {
		if s.counts(w, a) && !a.At.After(upTo) {
			acts = append(acts, a)
		}
	}
	taken := make([]*checks.Act, len(seats))
	return s.sit(seats, acts, taken, 0)
}

func (s *scene) sit(seats []seat, acts []checks.Act, taken []*checks.Act, k int) bool {
	if k == len(seats) {
		return true
	}
next:
	for i := range acts {
		a := &acts[i]
		if a.Role != "" && !strings.EqualFold(string(a.Role), string(seats[k].role)) || a.Stage != "" && !strings.EqualFold(a.Stage, seats[k].stage) || a.Role == "" && a.Stage == "" || !s.may(a.By, seats[k].role) {
			continue
		}
		for j := range k {
			same := sameOne(taken[j].By, a.By.Login, a.By.ID)
			apart := s.p.Roles[seats[j].role].Distinct || s.p.Roles[seats[k].role].Distinct
			if taken[j] == a || same && (seats[j].stage == seats[k].stage || apart) {
				continue next
			}
		}
		if taken[k] = a; s.sit(seats, acts, taken, k+1) {
			return true
		}
	}
	return false
}

// rightly says by what the candidate may be promoted in the ordinary way, "" for nothing.
func rightly(s *scene, w *truth) string {
	if s.p.Release.Promote == checks.PromoteApproved {
		if now := s.r.At; s.ground(w, now) && !s.frozen(w, now) && s.everybody(w, now) {
			return "everything is there"
		}
	}
	for _, a := range s.r.Acts {
		stages := s.p.Release.Stages
		roles := []checks.RoleName{s.p.Release.Promoter}
		if roles[0] == "" {
			roles = nil
			for _, st := range stages {
				for _, so := range st.SignOffs {
					roles = append(roles, so.Role)
				}
			}
		}
		if a.Kind != checks.ActPromote || a.Edited || !w.bound(a) || !a.At.Add(24*time.Hour).After(s.r.At) || !slices.ContainsFunc(roles, func(r checks.RoleName) bool { return s.may(a.By, r) }) {
			continue
		}
		if len(s.p.Release.Freeze) > 0 && night(a.At) && !sameNight(a.At, s.r.At) {
			continue
		}
		if s.ground(w, a.At) && !s.frozen(w, a.At) && s.everybody(w, a.At) {
			return a.By.Login + " has asked"
		}
	}
	return ""
}

// declared says by what the candidate may be promoted in an emergency.
func declared(s *scene, w *truth) string {
	for _, a := range s.r.Acts {
		if a.Kind == checks.ActEmergency && !a.Edited && a.Reason != "" && w.bound(a) && a.At.Add(4*time.Hour).After(s.r.At) && s.p.Release.Emergency.Role != "" && s.may(a.By, s.p.Release.Emergency.Role) &&
			!s.r.Tag.Gone && !slices.ContainsFunc(s.r.Outs, func(o checks.Out) bool { return o.Contains }) {
			return a.By.Login + " has declared an emergency"
		}
	}
	return ""
}

// TestLawAFloorBesideNeverHelpsARelease: what a floor asks for beside the repository's rules lets
// nothing pass that either alone does not.
func TestLawAFloorBesideNeverHelpsARelease(t *testing.T) {
	passed := 0
	untilTried(t, &passed, func(t *rapid.T) { passed += besideReleases(t) })
	if passed == 0 {
		t.Error("nothing ever passed under both, so the law was not tried")
	}
}

func besideReleases(t *rapid.T) (passed int) {
	texts := append(slices.Clone(releaseTexts), sharedRole)
	own, floor := policy(t, pick(t, texts, "own")), policy(t, pick(t, texts, "floor"))
	p := own
	p.FloorRelease = floor.Release
	s := newScene(t, twoStages)
	s.p, own.ReleaseDigest, floor.ReleaseDigest = p, p.ReleaseDigest, p.ReleaseDigest
	s.see()
	s.r.Runs = []checks.Run{{DatabaseID: 5, Name: "build", AppID: 5, Status: "completed", Conclusion: "success", Completed: s.r.At}}
	together := *p.ReleaseRules()
	for range rapid.IntRange(1, 12).Draw(t, "events") {
		before := s.p
		happen(t, s, []string{twoStages})
		s.p = before // the rules stay
		if rapid.Bool().Draw(t, "most sign") {
			alone := own
			alone.Release = &together
			s.p = alone
			everySign(t, s)
			s.p = before
			s.act(checks.ActPromote, pick(t, []string{"carol", "erin", "bob"}, "who"))
		}
		v := checks.JudgeRelease(p, s.r)
		ordinary := v.Promote != nil && !v.Promote.Emergency
		for i, one := range []checks.Policy{own, floor} {
			w := checks.JudgeRelease(one, s.r)
			// What the repository leaves out, such as who promotes and who accepts, is left to
			// the floor.
			left := i == 0 && result(w, "release/evidence").State == checks.Waiting && result(v, "release/evidence").State == checks.Overridden
			if v.State.Passes() && !w.State.Passes() && !left || ordinary && w.Promote == nil && i == 1 {
				t.Fatalf("it passes by both\n%s\nand not by one alone:\n%s\n%s", shownAll(v), shownAll(w), encode(s.r.Acts))
			}
			for name, g := range v.Environments {
				if h, known := w.Environments[name]; g.State == "approved" && known && h.State != "approved" && v.Promote == nil && !left {
					t.Fatalf("%s is open by both and not by one alone:\n%s\n%s", name, shownAll(v), shownAll(w))
				}
			}
		}
		if ordinary {
			passed++
		}
		s.see()
	}
	return passed
}

// TestLawWhatIsNotKnownPromotesNothing takes something out of a release that is to be
// promoted, whatever it is: it is promoted by what is left, or not at all.
func TestLawWhatIsNotKnownPromotesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newScene(t, pick(t, releaseTexts[:3], "policy"))
		s.r.Runs = []checks.Run{{DatabaseID: 5, Name: "build", AppID: 5, Status: "completed", Conclusion: "success", Completed: s.r.At}}
		s.signed().sign("quinn", "qa").act(checks.ActPromote, "carol")
		w := &truth{digest: s.digest(), had: map[string]bool{}}
		if checks.JudgeRelease(s.p, s.r).Promote == nil {
			t.Fatalf("it is not promoted before anything is taken out")
		}
		var fields map[string]any
		if err := json.Unmarshal([]byte(encode(s.r)), &fields); err != nil {
			t.Fatal(err)
		}
		takeOut(t, fields)
		var r checks.Release
		if err := json.Unmarshal([]byte(encode(fields)), &r); err != nil {
			t.Fatal(err)
		}
		s.r = r
		w.digest = s.digest()
		v := checks.JudgeRelease(s.p, r)
		if v.Promote != nil && rightly(s, w) == "" {
			t.Fatalf("it is promoted all the same:\n%s\n%s", encode(fields), shownAll(v))
		}
	})
}

// takeOut takes one thing out of a value, somewhere.
func takeOut(t *rapid.T, fields map[string]any) {
	keys := make([]string, 0, len(fields))
	for k := range fields {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	k := pick(t, keys, "field")
	switch v := fields[k].(type) {
	case map[string]any:
		if len(v) > 0 && rapid.IntRange(0, 3).Draw(t, "inside") > 0 {
			takeOut(t, v)
			return
		}
	case []any:
		if len(v) > 0 && rapid.IntRange(0, 3).Draw(t, "inside") > 0 {
			i := rapid.IntRange(0, len(v)-1).Draw(t, "item")
			if item, ok := v[i].(map[string]any); ok && rapid.Bool().Draw(t, "of it") && len(item) > 0 {
				takeOut(t, item)
				return
			}
			fields[k] = append(slices.Clone(v[:i]), v[i+1:]...)
			return
		}
	}
	delete(fields, k)
}
