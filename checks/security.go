package checks

import "slices"

// SecurityRules is the section `security`: what of a change is looked at for
// secrets, hidden characters and the findings of scanners, what of it must be
// seen by somebody who knows about security, and what blocks. It has three
// answers: it passes, it needs a security review, it blocks. What could not be
// scanned never passes by itself: it needs a review.
//
// Evidence for SOC 2 CC7.1 and CC8.1, NIST RA-5, SA-11 and SI-10.
type SecurityRules struct {
	// Role whose holders give the security review; nobody can who worked on the
	// change. Default: security, which the policy must define.
	Role RoleName `yaml:"role" tighten:"role"`
	// Count is how many different people must give it. Default: 1.
	Count int `yaml:"count" tighten:"up|1"`
	// Watch says which code somebody must look at who knows about security.
	Watch Watch `yaml:"watch" tighten:"beside"`
	// Secrets says what a secret means whose form is one provider's own: block
	// (default), review or off. Every commit, the title, the description and the
	// commit messages are looked at.
	Secrets Response `yaml:"secrets" tighten:"block,review,off|block"`
	// WeakSecrets says what a text means that only looks random enough to be a
	// secret: review (default), block or off.
	WeakSecrets Response `yaml:"weak_secrets" tighten:"block,review,off|block"`
	// HiddenCharacters says what added characters mean that show nothing or change
	// the order in which others show: block (default), review or off. Those that
	// steer a terminal, such as escape, ask for a review at most.
	HiddenCharacters Response `yaml:"hidden_characters" tighten:"block,review,off|block"`
	// Suppressions says what it means that a comment is added by which a scanner
	// overlooks something (nosemgrep, #nosec, NOSONAR), or that a scanner's settings
	// are changed (.semgrepignore, .trivyignore, sonar-project.properties): review
	// (default), block or off.
	Suppressions Response `yaml:"suppressions" tighten:"block,review,off|block"`
	// Opaque says what a new or changed binary, submodule or symbolic link means:
	// review (default), block or off.
	Opaque Response `yaml:"opaque" tighten:"block,review,off|block"`
	// SARIF asks for what scanners found in CI. Default: nothing is asked for.
	SARIF *SARIFRules `yaml:"sarif" tighten:"beside"`
	// Alerts says what GitHub's own alerts mean.
	Alerts AlertRules `yaml:"alerts" tighten:"beside"`
	// Suppress lists what was found and looked at, and is let pass for a while.
	// Only the policy on the base branch counts. Default: none.
	Suppress []Suppression `yaml:"suppress" tighten:"lifts"`

	roles map[RoleName]Role
}

// Watch says which code asks for a security review. A pattern is looked for in
// the lines that are added and removed, token by token, whatever the language;
// "*" stands for any part of a name.
type Watch struct {
	// Files: a changed file matches one of these globs, by its new or its old
	// path. Default: none but those of defaults.
	Files []Glob `yaml:"files" tighten:"beside"`
	// Keywords are words, or parts of names: password is in userPassword.
	Keywords []string `yaml:"keywords" tighten:"beside"`
	// Functions are called in the line: exec, os.Exec, db.query*. ^eval is not called
	// of something else, as in model.eval.
	Functions []string `yaml:"functions" tighten:"beside"`
	// Classes are named in the line in any way: Cipher, X509*.
	Classes []string `yaml:"classes" tighten:"beside"`
	// Exclude are files of which nothing is watched, those of defaults too.
	// Default: none.
	Exclude []Glob `yaml:"exclude" tighten:"lifts"`
	// Defaults: besides the above, what is security-relevant in most repositories:
	// the policy file and CODEOWNERS; workflows and actions, and the settings of
	// other CI systems; Dockerfiles and compose files; Terraform, Helm, Kubernetes,
	// CloudFormation and Pulumi files; files under directories, or of names, that
	// say auth, authentication, authorization, oauth, oidc, saml, jwt or crypto;
	// lockfiles that are changed without their manifest; calls that run other
	// programs or text as code (exec.Command, subprocess.*, os.system, child_process,
	// eval and such).
	// Default: true.
	Defaults bool `yaml:"defaults" tighten:"on"`
}

// Response is what follows from something that was found. Its zero value
// blocks.
type Response string

// The responses.
const (
	RespondBlock  Response = "block"
	RespondReview Response = "review"
	RespondOff    Response = "off"
)

// UnmarshalText refuses any other word.
func (r *Response) UnmarshalText(text []byte) error {
	return oneOf(r, text, RespondBlock, RespondReview, RespondOff)
}

// SARIFRules says which SARIF reports (version 2.1.0) are read, and what their
// findings mean. Only findings that the change brings count: those that the
// base branch's reports have too are said as a number.
type SARIFRules struct {
	// Artifacts whose files are read, by name, where reports says nothing else.
	// Default: *sarif*.
	Artifacts []Glob `yaml:"artifacts" tighten:"beside"`
	// Reports lists the workflows that leave reports; all of them must have
	// finished before anything is judged. Default: every workflow that runs for
	// the head.
	Reports []ReportRule `yaml:"reports" tighten:"beside"`
	// Block is from which severity on a new finding blocks: critical (9.0), high
	// (7.0; the default), medium (4.0), low (0.1), none (every finding) or off. A
	// finding that is not rated and has the level error counts as high.
	Block Severity `yaml:"block" tighten:"none,low,medium,high,critical,off|high"`
	// Review is from which severity on one asks for a security review. Default:
	// medium. One that has no rating at all asks for one unless this is off.
	Review Severity `yaml:"review" tighten:"none,low,medium,high,critical,off|medium"`
	// SelfDeclared says what a report is worth whose making the pull request may
	// have changed: it comes from a fork, or its workflow, a scanner's settings or
	// the policy are changed. approved (default): it counts once somebody with
	// write access who did not work on the change has approved the head; accept:
	// it counts; refuse: it does not.
	SelfDeclared SelfDeclared `yaml:"self_declared" tighten:"refuse,approved,accept|approved"`
	// Wait is how long a workflow may take to start, from when the head was
	// pushed on. Default: 60m.
	Wait Duration `yaml:"wait" tighten:"-"`
	// Tools are scanners that must have run, by the names that they give
	// themselves in their reports, in any case: Semgrep OSS. Default: none.
	Tools []string `yaml:"tools" tighten:"beside"`
}

// AlertRules says what GitHub's own alerts mean: code scanning, the review of
// dependencies, and secret scanning. Where the installation cannot read one it
// is said as not available, which is no pass where it is required.
type AlertRules struct {
	// Block is from which severity on a new alert blocks. Default: high.
	Block Severity `yaml:"block" tighten:"none,low,medium,high,critical,off|high"`
	// Review is from which severity on one asks for a security review. Default:
	// medium.
	Review Severity `yaml:"review" tighten:"none,low,medium,high,critical,off|medium"`
	// Kinds that are asked for: code_scanning, dependencies, secret_scanning.
	// Default: all three, as far as they are available.
	Kinds []AlertKind `yaml:"kinds" tighten:"wider|code_scanning,dependencies,secret_scanning"`
	// Require lists kinds that must be available. Default: none.
	Require []AlertKind `yaml:"require" tighten:"beside"`
}

// alertKinds are all kinds.
var alertKinds = []AlertKind{CodeScanning, DependencyReview, SecretScanning}

// UnmarshalText refuses any other word.
func (k *AlertKind) UnmarshalText(text []byte) error { return oneOf(k, text, alertKinds...) }

// Suppression lets something that was found pass for a while. It names either
// one finding or a rule in some files.
type Suppression struct {
	// Finding is its id, as shown beside it: s-… for a secret.
	Finding string `yaml:"finding" tighten:"same"`
	// Rule is the id of a scanner's or a secret's rule, or hidden-characters; with
	// files.
	Rule string `yaml:"rule" tighten:"same"`
	// Files in which the rule is let pass.
	Files []Glob `yaml:"files" tighten:"lifts"`
	// Reason for it; it is shown. It is needed.
	Reason string `yaml:"reason" tighten:"-"`
	// Until when it holds, a date with its time and zone: 2026-06-30T00:00:00Z.
	// One that is more than 180 days ahead does not hold yet. It is needed.
	Until Date `yaml:"until" tighten:"down"`
}

// securityRole is the role that gives security reviews by default.
const securityRole RoleName = "security"

// NewSecurity is the section with its defaults.
func NewSecurity() *SecurityRules {
	return &SecurityRules{
		Role: securityRole, Count: 1, Watch: Watch{Defaults: true},
		Secrets: RespondBlock, WeakSecrets: RespondReview, HiddenCharacters: RespondBlock,
		Suppressions: RespondReview, Opaque: RespondReview,
	}
}

// UseRoles hands over the policy's roles.
func (s *SecurityRules) UseRoles(roles map[RoleName]Role) { s.roles = roles }

// Need asks for the changed files, for what the scan finds, and for who holds
// the role.
func (s *SecurityRules) Need() Need {
	n := s.asReview().Need()
	n.Files, n.Scans = true, []Scanning{s.scanning()}
	return n
}

// scanning is what is looked for.
func (s *SecurityRules) scanning() Scanning {
	w := &s.Watch
	out := Scanning{Patterns: Patterns{Keywords: w.Keywords, Functions: w.Functions, Classes: w.Classes, Exclude: w.Exclude}}
	if w.Defaults {
		out.Patterns.Keywords = union(w.Keywords, watchedKeywords)
		out.Patterns.Functions = union(w.Functions, watchedFunctions)
		out.Patterns.Classes = union(w.Classes, watchedClasses)
	}
	if s.SARIF != nil {
		sel := s.SARIF.selection()
		out.SARIF = &sel
	}
	out.Alerts = s.Alerts.kinds()
	return out
}

// selection is which reports are asked for, and those of the base branch to
// compare with.
func (s *SARIFRules) selection() Selection {
	return Selection{Kind: SARIFReports, Artifacts: s.Artifacts, Base: true, Reports: byFile(s.Reports)}
}

// kinds are those that are asked for or required, in the order of the list of
// all.
func (a *AlertRules) kinds() []AlertKind {
	var out []AlertKind
	for _, k := range alertKinds {
		if a.Kinds == nil || slices.Contains(a.Kinds, k) || slices.Contains(a.Require, k) {
			out = append(out, k)
		}
	}
	return out
}

// asReview is the review that may be needed, as the review section would ask
// for it.
func (s *SecurityRules) asReview() *ReviewRules {
	return &ReviewRules{SignOffs: []SignOff{{Name: "Security review", Role: s.Role, Count: s.Count}}, roles: s.roles}
}
