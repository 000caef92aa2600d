package checks

// Check is one requirement on a pull request: a settings struct, filled from
// the policy file, whose one method judges. The comments on its fields are the
// reference manual of the policy language.
//
// Eval must be pure: the answer depends on the settings and the Pull alone.
type Check interface {
	Eval(Pull) Result
}

// Needer is a Check that needs something fetched that is not part of every
// snapshot.
type Needer interface {
	Need() Need
}

// Need says, as data, what must be fetched for a policy besides what every
// snapshot holds.
type Need struct {
	// Teams are "org/slug", in lower case, whose members must be known.
	Teams []string `json:"teams,omitzero"`
	// Users are logins whose permission must be known.
	Users []string `json:"users,omitzero"`
	// Files asks for the changed files with their old paths and blobs.
	Files bool `json:"files,omitzero"`
	// Coverage are the coverage reports that the policy may ask for; whether it
	// does for a pull request is in [Wants].
	Coverage []Selection `json:"coverage,omitzero"`
	// Owners asks for the teams and users that CODEOWNERS names.
	Owners bool `json:"owners,omitzero"`
	// Scans are the security scans that the policy asks for.
	Scans []Scanning `json:"scans,omitzero"`
	// Threads asks for the review conversations.
	Threads bool `json:"threads,omitzero"`
	// Behind asks how many commits of the base branch the head lacks.
	Behind bool `json:"behind,omitzero"`
	// Texts are paths of small files of the base branch.
	Texts []string `json:"texts,omitzero"`
	// Values are the values in changed files that limits are about.
	Values []Valuation `json:"values,omitzero"`
}

// add joins what two checks need.
func (n Need) add(o Need) Need {
	n.Teams = union(n.Teams, o.Teams)
	n.Users = union(n.Users, o.Users)
	n.Files = n.Files || o.Files
	n.Owners = n.Owners || o.Owners
	n.Coverage = append(n.Coverage[:len(n.Coverage):len(n.Coverage)], o.Coverage...)
	n.Scans = append(n.Scans[:len(n.Scans):len(n.Scans)], o.Scans...)
	n.Threads = n.Threads || o.Threads
	n.Behind = n.Behind || o.Behind
	n.Texts = union(n.Texts, o.Texts)
	n.Values = append(n.Values[:len(n.Values):len(n.Values)], o.Values...)
	return n
}

func union(a, b []string) []string {
	out := append([]string(nil), a...)
next:
	for _, s := range b {
		for _, have := range out {
			if have == s {
				continue next
			}
		}
		out = append(out, s)
	}
	return out
}

// Wants is what a snapshot still lacks before it can be judged: the shell
// fetches it and asks again. Everything in it is a question that GitHub has not
// been asked yet; an answer of "no such team" is an answer.
type Wants struct {
	Teams []string // "org/slug", lower case
	Users []string // logins, lower case
	Files bool     // the changed files of base...head
	// Modes asks for the git modes of these paths at each of these commits. It
	// is asked only when all else about two commits is equal.
	Modes map[string][]string // commit SHA -> paths
	// Changes asks for the difference of the pull request at these earlier
	// commits, which approvals were given at.
	Changes []string
	// Coverage asks for what coverage reports say; the files come first.
	Coverage []Selection
	// Scans asks for what the security scan finds; the files come first.
	Scans []Scanning
	// Threads asks for the review conversations.
	Threads bool
	// Behind asks how many commits of the base branch the head lacks.
	Behind bool
	// Accounts asks which authors of commits are bots.
	Accounts bool
	// References asks what numbers are that texts name: "owner/name#number", lower
	// case.
	References []string
	// Texts asks for files of the base branch, by path.
	Texts []string
	// Values asks for the values of changed files; the files come first.
	Values []Valuation
	// Attested asks which attestations GitHub holds about a release's artifacts, by
	// their digests, algorithm:hex.
	Attested []string
}

// None says whether nothing is wanted.
func (w Wants) None() bool {
	return len(w.Teams) == 0 && len(w.Users) == 0 && !w.Files && len(w.Modes) == 0 && len(w.Changes) == 0 && len(w.Coverage) == 0 &&
		len(w.Scans) == 0 && !w.Threads && !w.Behind && !w.Accounts &&
		len(w.References) == 0 && len(w.Texts) == 0 && len(w.Values) == 0 && len(w.Attested) == 0
}

// Fault is a mistake in a check's settings that no single value shows, for
// example two sign-offs of one name. Key is the dotted path below the check's
// own key, list items by their number from 0: "sign_offs.1.name"; "" is the
// check itself. Message is one sentence.
type Fault struct {
	Key, Message string
	// Warning: it is worth saying and does not make the policy invalid.
	Warning bool
}

// Faulty is a Check that can tell what is wrong with its settings; package
// config asks it once, after all values and the roles are in.
type Faulty interface {
	Faults() []Fault
}
