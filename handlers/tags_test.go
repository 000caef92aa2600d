package handlers_test

import (
	"testing"

	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

const tagPolicy = rigPolicy + "detect: {tags: ['v*']}\n"

func (r *rig) tag(by, name, sha string) {
	r.t.Helper()
	if err := r.repo.Tag(by, name, sha, name == "v2"); err != nil { // one of them has an object of its own
		r.t.Fatal(err)
	}
}

// tagged is a rig whose tags are watched: v1 and v2 are at main.
func tagged(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, sim.Options{})
	r.policy(tagPolicy)
	r.before = r.repo.Branch("main")
	r.tag("alice", "v1", r.before)
	r.tag("alice", "v2", r.before)
	r.policy(tagPolicy)
	r.flow.SweepOnce(t.Context())
	r.settle()
	r.sweep()
	r.finds()
	return r
}

func (r *rig) aside(text string) string {
	return r.push("mallory", "side", map[string]string{"side.go": text})
}

func TestATagThatChangesIsExactlyOneFinding(t *testing.T) {
	for name, c := range map[string]struct {
		do           func(r *rig)
		heard, swept string
	}{
		"moved":               {func(r *rig) { r.tag("mallory", "v1", r.repo.Branch("main")) }, "tag_moved|mallory moved the tag v1 from ", "tag_moved|Somebody moved the tag v1 from "},
		"an object, moved":    {func(r *rig) { r.tag("mallory", "v2", r.repo.Branch("main")) }, "tag_moved|mallory moved the tag v2 from ", "tag_moved|Somebody moved the tag v2"},
		"deleted":             {func(r *rig) { r.repo.DeleteTag("mallory", "v2") }, "tag_moved|mallory deleted the tag v2, which was at ", "tag_moved|Somebody deleted the tag v2"},
		"made off the branch": {func(r *rig) { r.tag("mallory", "v3", r.aside("1")) }, "tag_moved|mallory made the tag v3 at |, which is on no branch that is watched.", "tag_moved|Somebody made the tag v3"},
	} {
		t.Run(name+", heard", func(t *testing.T) {
			r := tagged(t)
			c.do(r)
			r.settle()
			r.finds(c.heard)
			r.again()
			r.finds(c.heard)
		})
		t.Run(name+", lost and swept", func(t *testing.T) {
			r := tagged(t)
			r.unheard(func() { c.do(r) })
			r.finds()
			r.sweep()
			r.finds(c.swept)
			r.again()
			r.finds(c.swept)
		})
	}
}

func TestATagThatWasPutBackIsStillAFinding(t *testing.T) {
	r := tagged(t)
	r.tag("mallory", "v1", r.aside("1"))
	r.tag("mallory", "v1", r.before)
	r.settle()
	r.finds("tag_moved|mallory moved or deleted the tag v1, which was put back since.")
	r.again()
	r.finds("tag_moved")
}

func TestATagThatIsMadeAndChangedBeforeAnybodyLooksIsAFinding(t *testing.T) {
	for want, change := range map[string]func(r *rig){
		"tag_moved|mallory moved the tag v3 from | as soon as it was made.":             func(r *rig) { r.tag("mallory", "v3", r.repo.Branch("main")) },
		"tag_moved|mallory deleted the tag v3, which was at |, as soon as it was made.": func(r *rig) { r.repo.DeleteTag("mallory", "v3") },
	} {
		r := tagged(t)
		r.tag("alice", "v3", r.before)
		change(r)
		r.settle()
		r.finds(want)
		r.again()
		r.finds(want)
	}
}

func TestTagsThatThePolicyDoesNotNameOrThatAreOnTheBranchAreNone(t *testing.T) {
	r := tagged(t)
	r.tag("alice", "v4", r.repo.Branch("main"))
	r.tag("mallory", "nightly", r.aside("1"))
	r.tag("mallory", "nightly", r.aside("2"))
	r.repo.DeleteTag("mallory", "nightly")
	r.settle()
	r.again()
	r.finds()
}

func TestManyTagsAndBranchesAreSweptToTheirEnd(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.policy(rigPolicy + "detect: {branches: [main, z/*], tags: ['z*']}\n")
	main := r.repo.Branch("main")
	for i := range 130 {
		name := string(rune('a'+i%26)) + string(rune('a'+i/26))
		r.move("alice", "b/"+name, main)
		r.tag("alice", "b"+name, main)
	}
	r.move("alice", "z/last", main)
	r.tag("alice", "zlast", main)
	r.settle()
	r.sweep()
	r.sweep()
	r.finds()
	r.unheard(func() {
		r.push("mallory", "z/last", map[string]string{"z.go": "z"})
		r.tag("mallory", "zlast", r.aside("1"))
	})
	r.sweep()
	list, err := r.store.Findings(t.Context(), store.FindingFilter{})
	if err != nil || len(list) != 2 {
		t.Errorf("found %q, %v", r.found(), err)
	}
	if _, found, err := r.store.Branch(t.Context(), list[0].RepoID, "b/aa"); err != nil || found {
		t.Errorf("a branch that is not watched was looked at: %v", err)
	}
	r.finds("|z", "|z")
}
