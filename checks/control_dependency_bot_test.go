package checks

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// bumped is a commit message as Dependabot writes it.
const bumped = `Bump lodash from 4.17.20 to 4.17.21

Bumps [lodash](https://github.com/lodash/lodash) from 4.17.20 to 4.17.21.
- [Commits](https://github.com/lodash/lodash/compare/4.17.20...4.17.21)

---
updated-dependencies:
- dependency-name: lodash
  dependency-version: 4.17.21
  dependency-type: direct:production
  update-type: version-update:semver-patch
...

Signed-off-by: dependabot[bot] <support@github.com>`

var (
	botSignature    = Signature{Name: "dependabot[bot]", Email: "49699333+dependabot[bot]@users.noreply.github.com"}
	gitHubSignature = Signature{Name: "GitHub", Email: "noreply@github.com", Login: "web-flow"}
)

// botScene is a pull request of Dependabot's as it comes.
func botScene() *scene {
	s := newScene().files("web/package.json", "web/package-lock.json")
	s.Author = Actor{Login: "dependabot[bot]", ID: 49699333, Bot: true}
	s.Commits = []Commit{{SHA: "c9", Message: bumped, Author: botSignature, Committer: gitHubSignature, Verified: true, GitHubSigned: true}}
	s.Head.SHA, s.CommitCount = "c9", 1
	s.Memory.Heads = []Head{{SHA: "c9", Since: s.clock, Sender: "dependabot[bot]", SenderID: 49699333, Bot: true}}
	return s.remember()
}

func TestOnlyWhatIsProvedIsAnUpdateByABotAlone(t *testing.T) {
	message := func(s string) func(*Pull) { return func(p *Pull) { p.Commits[0].Message = s } }
	step := func(to string) func(*Pull) { return message(strings.ReplaceAll(bumped, "semver-patch", "semver-"+to)) }
	files := func(specs ...string) func(*Pull) {
		return func(p *Pull) { p.Files = filesOf(specs...); p.FileCount = len(p.Files) }
	}
	commit := func(change func(*Commit)) func(*Pull) { return func(p *Pull) { change(&p.Commits[0]) } }
	head := func(change func(*Head)) func(*Pull) { return func(p *Pull) { change(&p.Memory.Heads[0]) } }
	more := func(h Head) func(*Pull) {
		return func(p *Pull) { p.Memory.Heads = append([]Head{h}, p.Memory.Heads...) }
	}
	for name, c := range map[string]struct {
		change func(*Pull)
		want   truth
		says   string
	}{
		"as it comes":                     {func(*Pull) {}, holds, ""},
		"a minor step":                    {step("minor"), holds, ""},
		"a major step":                    {step("major"), holdsNot, "lodash goes by a major version, and minor is the furthest"},
		"a step of no kind":               {step("none"), holdsMaybe, "does not say how far lodash goes"},
		"GitHub names the account":        {commit(func(c *Commit) { c.Author.Login, c.Author.Bot = "dependabot", true }), holds, ""},
		"GitHub names it as REST does":    {commit(func(c *Commit) { c.Author.Login = "dependabot[bot]" }), holds, ""},
		"itself as co-author":             {commit(func(c *Commit) { c.CoAuthors = []Signature{botSignature} }), holds, ""},
		"a case of letters":               {func(p *Pull) { p.Author.Login = "Dependabot[bot]" }, holds, ""},
		"no number in the address":        {commit(func(c *Commit) { c.Author.Email = "dependabot[bot]@users.noreply.github.com" }), holds, ""},
		"another server":                  {commit(func(c *Commit) { c.Author.Email = "5+dependabot[bot]@users.noreply.ghe.example" }), holdsNot, "commit c9 is not by dependabot[bot]"},
		"pushed twice by it":              {more(Head{SHA: "c8", Sender: "dependabot[bot]", Bot: true}), holds, ""},
		"reopened by somebody":            {more(Head{SHA: "c9"}), holds, ""},
		"a removed lockfile":              {files("web/package.json", "-web/yarn.lock", "+web/package-lock.json"), holds, ""},
		"opened by somebody":              {func(p *Pull) { p.Author = Actor{Login: "ann"} }, holdsNot, "it was not opened by dependabot[bot] or renovate[bot]"},
		"opened by one who looks like it": {func(p *Pull) { p.Author.Bot = false }, holdsNot, "it was not opened by"},
		"opened by a person called so":    {func(p *Pull) { p.Author = Actor{Login: "dependabot"} }, holdsNot, "it was not opened by"},
		"opened by another bot":           {func(p *Pull) { p.Author = Actor{Login: "evil[bot]", Bot: true} }, holdsNot, "it was not opened by"},
		"opened by nobody":                {func(p *Pull) { p.Author = Actor{} }, holdsMaybe, "the author's account is deleted"},
		"a commit by somebody":            {commit(func(c *Commit) { c.Author = Signature{Login: "ann", Email: "ann@example.com"} }), holdsNot, "commit c9 is not by dependabot[bot]"},
		"a commit in its name":            {commit(func(c *Commit) { c.GitHubSigned, c.Verified = false, false }), holdsMaybe, "commit c9 is not signed by GitHub"},
		"a commit with somebody's key":    {commit(func(c *Commit) { c.GitHubSigned = false }), holdsMaybe, "commit c9 is not signed by GitHub"},
		"a commit by its name alone":      {commit(func(c *Commit) { c.Author.Email = "mallory@example.com" }), holdsNot, "commit c9 is not by dependabot[bot]"},
		"a person of the name":            {commit(func(c *Commit) { c.Author = Signature{Login: "dependabot", Email: "x@example.com"} }), holdsNot, "commit c9 is not by dependabot[bot]"},
		"another's number in the address": {commit(func(c *Commit) { c.Author.Email = "1+dependabot[bot]@users.noreply.github.com" }), holdsNot, "commit c9 is not by dependabot[bot]"},
		"an address like GitHub's":        {commit(func(c *Commit) { c.Author.Email = "dependabot[bot]@users.example.com" }), holdsNot, "commit c9 is not by dependabot[bot]"},
		"committed by somebody":           {commit(func(c *Commit) { c.Committer = Signature{Login: "ann"} }), holdsNot, "commit c9 was committed by somebody else"},
		"a co-author":                     {commit(func(c *Commit) { c.CoAuthors = []Signature{{Login: "ann", Email: "ann@example.com"}} }), holdsNot, "commit c9 has a co-author"},
		"co-authors not listed":           {commit(func(c *Commit) { c.CoAuthorsCut = true }), holdsMaybe, "not every author of commit c9 is known"},
		"a merge":                         {commit(func(c *Commit) { c.Merge = true }), holdsNot, "commit c9 is a merge"},
		"one more commit, by somebody": {func(p *Pull) {
			p.Commits = append(p.Commits, Commit{SHA: "c1", Author: Signature{Login: "ann"}})
			p.CommitCount = 2
		}, holdsNot, "commit c1 is not by dependabot[bot]"},
		"commits not listed":                 {func(p *Pull) { p.CommitCount = 2 }, holdsMaybe, "not every commit is known"},
		"no commits":                         {func(p *Pull) { p.Commits, p.CommitCount = nil, 0 }, holdsMaybe, "not every commit is known"},
		"the head not listed":                {func(p *Pull) { p.Head.SHA = "c7"; p.Memory.Heads[0].SHA = "c7" }, holdsMaybe, "not every commit is known"},
		"pushed by somebody":                 {head(func(h *Head) { *h = Head{SHA: "c9", Sender: "ann"} }), holdsNot, "c9 was pushed by ann"},
		"once pushed by somebody":            {more(Head{SHA: "c8", Sender: "ann"}), holdsNot, "c8 was pushed by ann"},
		"squashed into by somebody":          {func(p *Pull) { p.Memory.Heads = append(p.Memory.Heads, Head{SHA: "c9", Sender: "ann", SenderID: 1}) }, holdsNot, "c9 was pushed by ann"},
		"pushed by a person of its name":     {head(func(h *Head) { h.Bot = false }), holdsNot, "was pushed by dependabot[bot]"},
		"pushed by another account":          {head(func(h *Head) { h.SenderID = 1 }), holdsNot, "was pushed by"},
		"pushed, nobody saw by whom":         {head(func(h *Head) { *h = Head{SHA: "c9"} }), holdsMaybe, "it was not seen who pushed c9"},
		"once pushed, nobody saw by whom":    {more(Head{SHA: "c8"}), holdsMaybe, "it was not seen who pushed c8"},
		"nothing remembered":                 {func(p *Pull) { p.Memory.Heads = nil }, holdsMaybe, "it was not seen who pushed c9"},
		"other files":                        {files("web/package.json", "web/index.js"), holdsNot, "web/index.js is no manifest and no lockfile"},
		"a workflow":                         {files(".github/workflows/ci.yml"), holdsNot, "is no manifest"},
		"a file made a manifest":             {files("src/a.js->web/package.json"), holdsNot, "src/a.js is no manifest"},
		"a manifest made a file":             {files("web/package.json->src/a.js"), holdsNot, "src/a.js is no manifest"},
		"a name like one":                    {files("web/xpackage.json"), holdsNot, "web/xpackage.json is no manifest"},
		"no files":                           {files(), holdsMaybe, "not every changed file is known"},
		"files not listed":                   {func(p *Pull) { p.FileCount = 9 }, holdsMaybe, "not every changed file is known"},
		"files not read":                     {func(p *Pull) { p.FilesRead = false }, holdsMaybe, "not every changed file is known"},
		"files not listed, and others":       {func(p *Pull) { files("a.go")(p); p.FileCount = 9 }, holdsNot, "a.go is no manifest"},
		"nothing said":                       {message("Bump lodash"), holdsMaybe, "commit c9 does not list what it updates"},
		"by Renovate, who says nothing":      {renovated, holdsMaybe, "renovate[bot] does not say in its commits how far versions go"},
		"by Renovate, in Dependabot's words": {func(p *Pull) { renovated(p); p.Commits[0].Message = bumped }, holdsMaybe, "renovate[bot] does not say"},
	} {
		t.Run(name, func(t *testing.T) {
			s := botScene()
			c.change(&s.Pull)
			d := NewDependencyBot()
			p := d.proof(&s.Pull)
			if p.truth != c.want || !strings.Contains(p.why, c.says) {
				t.Errorf("%v: %q, want %v with %q", p.truth, p.why, c.want, c.says)
			}
			r := d.Eval(s.Pull)
			if !r.State.Passes() || (r.State == Met) != (c.want == holds) || r.Unknown {
				t.Errorf("the control says %+v", r)
			}
		})
	}
}

// renovated makes a pull request one of Renovate's.
func renovated(p *Pull) {
	p.Author = Actor{Login: "renovate[bot]", ID: 29139614, Bot: true}
	p.Commits[0].Author = Signature{Name: "renovate[bot]", Email: "29139614+renovate[bot]@users.noreply.github.com"}
	p.Commits[0].Message = "Update dependency lodash to v4.17.21"
	p.Memory.Heads = []Head{{SHA: "c9", Sender: "renovate[bot]", Bot: true}}
}

func TestTheStepIsAsFarAsThePolicySays(t *testing.T) {
	for _, most := range stepOrder {
		for _, goes := range stepOrder[:3] {
			s, d := botScene(), NewDependencyBot()
			s.Commits[0].Message = strings.ReplaceAll(bumped, "semver-patch", "semver-"+string(goes))
			d.Step = most
			if got, want := d.Eval(s.Pull).State == Met, slices.Index(stepOrder, goes) <= slices.Index(stepOrder, most); got != want {
				t.Errorf("up to %s, a %s: met %v", most, goes, got)
			}
		}
	}
	s, d := botScene(), NewDependencyBot()
	renovated(&s.Pull)
	d.Step = StepAny
	expect(t, d.Eval(s.Pull), Met, "an update by renovate[bot] alone: 1 commit, signed by GitHub; 2 changed files, all manifests or lockfiles; whatever the step.")
	expect(t, (&DependencyBot{Authors: d.Authors, Files: d.Files}).Eval(botScene().Pull), Met, "1 dependency, by no more than a patch version")
}

func TestWhatWasProvedIsSaid(t *testing.T) {
	d := NewDependencyBot()
	expect(t, d.Eval(botScene().Pull), Met,
		"It is proved to be an update by dependabot[bot] alone: 1 commit, signed by GitHub; 2 changed files, all manifests or lockfiles; 1 dependency, by no more than a minor version.")
	expect(t, d.Eval(newScene().Pull), Exempt, "It was not opened by an update bot.")
	s := botScene()
	s.Memory.Heads = append(s.Memory.Heads, Head{SHA: "d1", Sender: "ann"})
	expect(t, d.Eval(s.Pull), Exempt, "The ordinary rules hold, since it is not proved to be an update by dependabot[bot] alone: d1 was pushed by ann.")
}

func TestTheListOfUpdatesIsReadInItsPlainFormOnly(t *testing.T) {
	entry := func(name, kind string) string {
		return "- dependency-name: " + name + "\n  dependency-type: direct:production\n  update-type: version-update:semver-" + kind + "\n"
	}
	block := func(entries ...string) string {
		return "Bump\n\n---\nupdated-dependencies:\n" + strings.Join(entries, "") + "...\n\nSigned-off-by: x"
	}
	for name, c := range map[string]struct {
		message string
		want    []update
		says    string
	}{
		"one":                     {block(entry("a", "patch")), []update{{"a", StepPatch}}, ""},
		"several":                 {block(entry("a", "patch"), entry(`"@b/c"`, "major")), []update{{"a", StepPatch}, {"@b/c", StepMajor}}, ""},
		"carriage returns":        {strings.ReplaceAll(block(entry("a", "minor")), "\n", "\r\n"), []update{{"a", StepMinor}}, ""},
		"a version in quotes":     {block("- dependency-name: a\n  dependency-version: '6'\n  update-type: version-update:semver-minor\n"), []update{{"a", StepMinor}}, ""},
		"nothing":                 {"", nil, "does not list"},
		"no block":                {"updated-dependencies:\n" + entry("a", "patch") + "...", nil, "does not list"},
		"not behind the mark":     {"---\n\nupdated-dependencies:\n" + entry("a", "patch") + "...", nil, "does not list"},
		"indented":                {"---\n  updated-dependencies:\n" + entry("a", "patch") + "...", nil, "does not list"},
		"two blocks":              {block(entry("a", "patch")) + "\n" + block(entry("a", "major")), nil, "two lists"},
		"not closed":              {strings.Replace(block(entry("a", "patch")), "...", "", 1), nil, "cannot be read"},
		"ends with the message":   {strings.TrimSuffix(strings.Split(block(entry("a", "patch")), "...")[0], "\n"), nil, "not whole"},
		"empty":                   {block(), nil, "not whole"},
		"one without a step":      {block(entry("a", "patch"), "- dependency-name: b\n  dependency-type: indirect\n"), nil, "does not say how far b goes"},
		"one with another step":   {block("- dependency-name: b\n  update-type: security-update\n"), nil, "does not say how far b goes"},
		"one without a name":      {block("- update-type: version-update:semver-patch\n"), nil, "cannot be read"},
		"a step twice":            {block(entry("a", "major") + "  update-type: version-update:semver-patch\n"), nil, "cannot be read"},
		"other text":              {block("and then\n"), nil, "cannot be read"},
		"a text over lines":       {block("- dependency-name: >\n    a\n  update-type: version-update:semver-patch\n"), nil, "cannot be read"},
		"a step in another case":  {block(entry("a", "Patch")), nil, "does not say how far a goes"},
		"a blank line in between": {block(entry("a", "patch"), "\n", entry("b", "major")), nil, "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			got, why := updatesOf(c.message)
			if d := cmp.Diff(c.want, got, cmp.AllowUnexported(update{})); d != "" || !strings.Contains(why, c.says) || (why == "") != (c.says == "") {
				t.Errorf("%q (-want +got):\n%s", why, d)
			}
		})
	}
}

func TestABotThatCannotBeMeantIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*DependencyBot)
		keys   string
	}{
		"the default":      {func(*DependencyBot) {}, ""},
		"a person":         {func(d *DependencyBot) { d.Authors = []string{"dependabot[bot]", "ann"} }, "authors.1"},
		"nobody":           {func(d *DependencyBot) { d.Authors = nil }, "authors"},
		"no file":          {func(d *DependencyBot) { d.Files = nil }, "files"},
		"every file":       {func(d *DependencyBot) { d.Files = []Glob{"go.mod", "**"} }, "files.1"},
		"one never proved": {func(d *DependencyBot) { d.Authors = []string{"renovate[bot]"} }, "step"},
		"one with any":     {func(d *DependencyBot) { d.Authors, d.Step = []string{"renovate[bot]"}, StepAny }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := NewDependencyBot()
			c.change(d)
			var keys []string
			for _, f := range d.Faults() {
				keys = append(keys, f.Key)
				if f.Warning != (f.Key == "step") {
					t.Errorf("warning %v: %s", f.Warning, f.Message)
				}
			}
			if got := strings.Join(keys, " "); got != c.keys {
				t.Errorf("refused at %q, want %q", got, c.keys)
			}
		})
	}
}
