package checks

import "slices"

// Policy is what one pull request is judged by: the repository's file and the
// organisation's floor together, every default filled in. Package config makes
// it from their texts; the texts, not this struct, are what a record keeps.
type Policy struct {
	// Observe: judged, recorded and shown, but nothing is written to GitHub.
	Observe bool
	// Summary: only the run "Merge Requirements" is posted, none for sections.
	Summary bool
	// Roles by name; "reviewer" is always there.
	Roles map[RoleName]Role
	// Sections in the order in which they are shown.
	Sections []Section
	// Override says who may let pass what the repository's sections ask for;
	// FloorOverride, the organisation floor's, what the floor asks for, too. Nil is
	// nobody.
	Override, FloorOverride *Override
	// Detect says what is looked for after the fact, FloorDetect what the
	// organisation's floor looks for beside it. Nil is nothing.
	Detect, FloorDetect *Detect
	// Release says what a release needs, FloorRelease what the organisation's floor asks
	// for beside it. Nil is nothing. ReleaseDigest stands for what the texts say about
	// releases and roles: with another one what was signed counts no more. It is "" where
	// a text cannot be read, so that it is not known what holds: no candidate is made of
	// that.
	Release, FloorRelease *ReleaseRules
	ReleaseDigest         string
	// Problems are the mistakes in the texts. If one of them is more than a
	// warning the policy is invalid and nothing passes.
	Problems []Problem
	// Sources are the texts this was made of.
	Sources []Source
}

// Section is one heading of the policy file, with its own check-run
// "handrail/NAME".
type Section struct {
	Name    string // review, status, compliance, …
	Observe bool   // judged and shown, but does not block
	Checks  []Check
}

// Source is one text that a policy was made of.
type Source struct {
	Repo   string `json:"repo"`             // owner/name
	Path   string `json:"path"`             // in that repository; "" for the built-in default
	Commit string `json:"commit,omitzero"`  // of the branch it was read from
	Blob   string `json:"blob,omitzero"`    // git's id of the text
	Text   string `json:"text,omitzero"`    //
	Absent bool   `json:"absent,omitzero"`  // looked for and not there
	Floor  bool   `json:"floor,omitzero"`   // the organisation's floor
	Broken string `json:"broken,omitempty"` // why it could not be read, when it should have been
}

// PolicyPath is where a repository keeps its policy.
const PolicyPath = ".github/handrail.yml"

// FloorPath is where an organisation's `.github` repository keeps its floor.
const FloorPath = "handrail.yml"

// OwnersPaths are the places where GitHub looks for CODEOWNERS, the first that
// exists wins (GitHub Docs, "About code owners").
var OwnersPaths = []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"}

// Invalid says whether the policy has a mistake that is more than a warning.
func (p Policy) Invalid() bool {
	for _, q := range p.Problems {
		if !q.Warning {
			return true
		}
	}
	return false
}

// Need is what must be fetched to judge by this policy.
func (p Policy) Need() Need {
	var n Need
	for _, s := range p.Sections {
		for _, c := range s.Checks {
			if c, ok := c.(Needer); ok {
				n = n.add(c.Need())
			}
		}
	}
	return n.add(p.Override.Need()).add(p.FloorOverride.Need())
}

// Wanter is a Check that can tell, from the snapshot so far, what it still
// lacks. It must not ask twice for what was answered, even if the answer was
// that it cannot be known.
type Wanter interface {
	Wants(Pull) Wants
}

// Wants is what the snapshot still lacks before this policy can judge it.
func (p Policy) Wants(pull Pull) Wants {
	pull = withoutOurs(pull)
	n := p.Need()
	orders := ordersIn(&pull)
	w := commandWants(&pull, orders).add(p.Override.wants(&pull, orders)).add(p.FloorOverride.wants(&pull, orders))
	if n.Files && !pull.FilesRead {
		w.Files = true
	}
	w.Teams = union(w.Teams, notAsked(n.Teams, pull.Teams))
	w.Users = union(w.Users, notAsked(n.Users, pull.People))
	w.Threads = n.Threads && !pull.ThreadsRead
	w.Behind = n.Behind && pull.Behind == nil
	w.Texts = union(w.Texts, notAsked(n.Texts, pull.Texts))
	for _, v := range n.Values {
		if _, ok := pull.Values[v.Key()]; !ok {
			w.Values = append(w.Values, v)
		}
	}
	for _, s := range p.Sections {
		for _, c := range s.Checks {
			if c, ok := c.(Wanter); ok {
				w = w.add(c.Wants(pull))
			}
		}
	}
	return w
}

// notAsked are the names about which there is no answer yet.
func notAsked[V any](names []string, answers map[string]V) (out []string) {
	for _, name := range names {
		if _, asked := answers[name]; !asked {
			out = append(out, name)
		}
	}
	return out
}

func (w Wants) add(o Wants) Wants {
	w.Teams = union(w.Teams, o.Teams)
	w.Users = union(w.Users, o.Users)
	w.Files = w.Files || o.Files
	w.Changes = union(w.Changes, o.Changes)
	for _, sel := range o.Coverage {
		if key := sel.Key(); !slices.ContainsFunc(w.Coverage, func(s Selection) bool { return s.Key() == key }) {
			w.Coverage = append(w.Coverage, sel)
		}
	}
	for _, scan := range o.Scans {
		if key := scan.Key(); !slices.ContainsFunc(w.Scans, func(s Scanning) bool { return s.Key() == key }) {
			w.Scans = append(w.Scans, scan)
		}
	}
	w.Threads, w.Behind, w.Accounts = w.Threads || o.Threads, w.Behind || o.Behind, w.Accounts || o.Accounts
	w.References = union(w.References, o.References)
	w.Texts = union(w.Texts, o.Texts)
	w.Attested = union(w.Attested, o.Attested)
	for _, v := range o.Values {
		if key := v.Key(); !slices.ContainsFunc(w.Values, func(have Valuation) bool { return have.Key() == key }) {
			w.Values = append(w.Values, v)
		}
	}
	for sha, paths := range o.Modes {
		if w.Modes == nil {
			w.Modes = map[string][]string{}
		}
		w.Modes[sha] = union(w.Modes[sha], paths)
	}
	return w
}
