package checks

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Faults finds what of the section can do nothing, or can never be met.
func (r *ReleaseRules) Faults() []Fault {
	f := faulty{}
	switch {
	case len(r.Tags) == 0:
		f.add("tags", "It names no tag, so nothing is a release: write for example tags: [\"v*\"].")
	case matchesAll(r.Tags):
		f.warn("tags", "Every tag matches, so that each is a release.")
	}
	if r.Baseline != "" && wrongBaseline(r.Baseline) != "" {
		f.add("baseline", "%q %s", r.Baseline, wrongBaseline(r.Baseline))
	}
	if r.Valid <= 0 {
		f.add("valid", "A sign-off that holds for no time never counts.")
	}
	if len(r.Stages) == 0 {
		f.add("stages", "It names no stage, so nobody could sign a release: name one with its sign_offs.")
	}
	r.stageFaults(&f)
	f.required("", r.Require)
	if n := NewFreeze(); len(r.Freeze) > 0 {
		n.Windows = r.Freeze
		r.freezeFaults(&f, n)
	}
	r.artifactFaults(&f)
	if e := r.Emergency; e.Role == "" && e.FollowUpRole != "" {
		f.warn("emergency.role", "It names no role, so nobody can declare an emergency.")
	}
	if r.Emergency.FollowUp <= 0 {
		f.add("emergency.follow_up", "Nobody can have looked at an emergency in no time.")
	}
	return f.found
}

// warn notes what is worth saying and does not make the policy invalid.
func (f *faulty) warn(key, message string) {
	f.found = append(f.found, Fault{Key: key, Message: message, Warning: true})
}

func keyBelow(key, rest string) string { return strings.Trim(key+"."+rest, ".") }

// fullSHA is a commit in full, shortSHA what may be a part of one: digits alone may be
// a tag.
var (
	fullSHA  = regexp.MustCompile(`^[0-9a-f]{40}$`)
	shortSHA = regexp.MustCompile(`^[0-9a-fA-F]{4,40}$`)
	hasDigit = regexp.MustCompile(`[0-9]`)
	hasHex   = regexp.MustCompile(`[a-fA-F]`)
	// noRef is what git lets no name of a tag have ("git check-ref-format").
	noRef = regexp.MustCompile(`[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[/.-]|/\.|[/.]$|\.lock(/|$)|^@$`)
)

// wrongBaseline says what is wrong with the commit or tag at which the first release
// begins, "" when it may be one.
func wrongBaseline(base string) string {
	switch {
	case fullSHA.MatchString(base):
		return ""
	case shortSHA.MatchString(base) && hasHex.MatchString(base) && hasDigit.MatchString(base):
		return "looks like a part of a commit's SHA: write all 40 digits, in lower case, or a tag."
	case noRef.MatchString(base):
		return "is neither a commit's full SHA nor the name of a tag."
	}
	return ""
}

// freezeFaults are those of the windows, and what of them means nothing for a release.
func (r *ReleaseRules) freezeFaults(f *faulty, freeze *Freeze) {
	for _, fault := range freeze.Faults() {
		if strings.HasSuffix(fault.Key, ".branches") || strings.HasSuffix(fault.Key, ".files") {
			continue
		}
		fault.Key = keyBelow("freeze", fault.Key)
		f.found = append(f.found, fault)
	}
	for i := range r.Freeze {
		key := "freeze." + strconv.Itoa(i)
		if len(r.Freeze[i].Branches) > 0 {
			f.warn(key+".branches", "A release is of no branch, so this means nothing: leave it out.")
		}
		if len(r.Freeze[i].Files) > 0 {
			f.warn(key+".files", "A release is frozen whatever files it brings, so this means nothing: leave it out.")
		}
	}
}

// required finds checks that are no others', are listed twice or have no name.
func (f *faulty) required(key string, checks []RequiredCheck) {
	s := Status{Require: checks, BranchRules: true}
	for _, fault := range s.Faults() {
		fault.Key = keyBelow(key, fault.Key)
		f.found = append(f.found, fault)
	}
}

// artifactFaults finds artifacts that none can be.
func (r *ReleaseRules) artifactFaults(f *faulty) {
	for i, a := range r.Artifacts {
		key := "artifacts." + strconv.Itoa(i)
		switch {
		case strings.TrimSpace(a.Name) == "":
			f.add(key, "An artifact needs a name.")
		case new(Glob).UnmarshalText([]byte(a.Name)) != nil:
			f.add(key+".name", "%q is not a valid glob.", a.Name)
		case slices.ContainsFunc(r.Artifacts[:i], func(b ArtifactRule) bool { return b.Name == a.Name && b.From.or() == a.From.or() }):
			f.add(key+".name", "%q is listed twice.", a.Name)
		case a.From.or() == FromRelease && strings.Contains(a.Name, "/"):
			f.add(key+".from", "No file of a release has a slash in its name: where %q is a container image, write from: upload.", a.Name)
		case a.From.or() == FromRelease && a.Workflow != "":
			f.warn(key+".workflow", "A file of a release is uploaded by nobody whom handrail could ask: this is for artifacts from: upload.")
		}
		if wrongWorkflow(a.Workflow, true) {
			f.add(key+".workflow", "%q is no workflow: write its path, such as .github/workflows/image.yml.", a.Workflow)
		}
	}
}

// or is where an artifact's digest comes from.
func (f ArtifactFrom) or() ArtifactFrom {
	if f == FromUpload {
		return FromUpload
	}
	return FromRelease
}

// wrongWorkflow says whether a text can be no workflow's file: its name or, where that
// is asked for, its path.
func wrongWorkflow(file string, path bool) bool {
	name, inDir := strings.CutPrefix(file, workflowDir)
	ends := strings.HasSuffix(name, ".yml") || strings.HasSuffix(name, ".yaml")
	return file != "" && (!ends || strings.Contains(name, "/") || inDir && !path)
}
