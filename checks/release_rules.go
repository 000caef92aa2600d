package checks

import "time"

// ReleaseRules is the section `release`: what a release needs before it is promoted. A
// release is a repository's tag. What is signed is its candidate: the tag with its
// object, the commit, the release's files and artifacts, and what this section and the
// roles say. When any of them changes the sign-offs end, visibly. The policy is that of
// the default branch.
//
// Evidence for SOC 2 CC8.1, ISO 27001 A.8.31 and A.8.32, PCI DSS 6.5.1 and 6.5.2, NIST
// CM-3, CM-3(2), CM-5 and SA-10.
type ReleaseRules struct {
	// Tags that are releases, globs among them: v*. Default: none.
	Tags []Glob `yaml:"tags" tighten:"beside"`
	// Baseline is where the first release begins, as a commit's full SHA or a tag:
	// what is before it is not looked at. Default: the repository's first commit.
	Baseline string `yaml:"baseline" tighten:"same"`
	// Stages that a release goes through, in their order. Default: none, which is a
	// mistake.
	Stages []Stage `yaml:"stages" tighten:"beside"`
	// Separation says who may not sign, promote, accept or declare an emergency: tagger
	// (whoever put the tag there, and whoever the tag names) or strict (besides, nobody
	// who worked on a commit or opened a pull request of the range). Default: tagger,
	// since small teams would have nobody else.
	Separation ReleaseSeparation `yaml:"separation" tighten:"strict,tagger|tagger"`
	// Unattributed says what it means that the tagger is not known, and with strict
	// separation that a commit belongs to no GitHub account: block (the default) or
	// allow.
	Unattributed Attribution `yaml:"unattributed" tighten:"block,allow|block"`
	// Valid is how long a sign-off holds. Default: 14d.
	Valid Duration `yaml:"valid" tighten:"down"`
	// Require lists checks and commit statuses that must have passed on the tag's
	// commit, as status.require does. Default: none but what branch_rules brings.
	Require []RequiredCheck `yaml:"require" tighten:"beside"`
	// BranchRules: what the default branch's rules require is required of the tag's
	// commit, too, except handrail's own checks. Default: true.
	BranchRules bool `yaml:"branch_rules" tighten:"on"`
	// Evidence says what exceptions in the range mean.
	Evidence EvidenceRules `yaml:"evidence" tighten:"beside"`
	// Promoter is the role whose holders may promote what is approved. Default: any
	// role that a stage asks for.
	Promoter RoleName `yaml:"promoter" tighten:"role"`
	// Promote says what promotes: asked (somebody who may asks for it; the default) or
	// approved (the last sign-off does).
	Promote PromoteWhen `yaml:"promote" tighten:"asked,approved|asked"`
	// Publish: handrail publishes the release's draft, or makes its pre-release a full
	// release, when it is promoted. It takes the permission to write contents. Default:
	// true.
	Publish bool `yaml:"publish" tighten:"-"`
	// Issue: handrail opens a tracking issue for each release. It takes the permission
	// to write issues. Default: true.
	Issue bool `yaml:"issue" tighten:"-"`
	// Freeze are windows in which nothing is promoted, as compliance.freeze has them;
	// branches and files mean nothing here. Default: none.
	Freeze []FreezeWindow `yaml:"freeze" tighten:"beside"`
	// Artifacts are container images and files that a release must have; by their
	// digests they are part of the candidate. Default: none.
	Artifacts []ArtifactRule `yaml:"artifacts" tighten:"beside"`
	// Emergency says who may promote at once what is not approved.
	Emergency ReleaseEmergency `yaml:"emergency" tighten:"beside"`

	// Observe: releases are judged and recorded, and nothing is written to GitHub. Where
	// the repository's rules and the floor's hold together it is the same in both. The
	// file says it as the section's mode.
	Observe bool

	roles map[RoleName]Role
	// both are the repository's rules and the floor's, where these are made of both, and
	// clashes what the two ask for that cannot be both.
	both    []*ReleaseRules
	clashes []string
}

// Stage is one stage of a release. Its sign-offs count once those before it are whole.
type Stage struct {
	// Name is what people call it; in lower case with dashes it is the end of its
	// check-run's name, handrail/release/production, and of its id. It is needed.
	Name string `yaml:"name" tighten:"-"`
	// SignOffs are all needed, each by its own people.
	SignOffs []StageSignOff `yaml:"sign_offs" tighten:"beside"`
	// Environment that the stage's release may be deployed to once the stage and those
	// before it are signed; the last stage's also needs the promotion. Default: none.
	Environment string `yaml:"environment" tighten:"same"`
	// Require lists checks and commit statuses that must have passed on the tag's
	// commit before the stage is whole. Default: none.
	Require []RequiredCheck `yaml:"require" tighten:"beside"`
	// Attested: GitHub must hold an attestation of this repository about each artifact.
	// Default: false.
	Attested bool `yaml:"attested" tighten:"on"`
	// Scan is the severity from which a finding in an artifact's scan, uploaded by the
	// tag's build, keeps the stage from being whole: critical, high, medium, low, or none
	// for every finding. Default: off, no scan is asked for.
	Scan Severity `yaml:"scan" tighten:"none,low,medium,high,critical,off|off"`
	// Dispatch is a workflow that is started once the stage is signed; the stage is
	// whole when its run has succeeded. Default: none.
	Dispatch DispatchRule `yaml:"dispatch" tighten:"beside"`
	// Remind is how long a role is waited for before it is reminded on the tracking
	// issue. Default: 24h.
	Remind Duration `yaml:"remind" tighten:"-"`
	// Escalate is how long before EscalateTo is told, too. Default: 72h.
	Escalate Duration `yaml:"escalate" tighten:"-"`
	// EscalateTo is the role that is told. Default: nobody, so nothing is escalated.
	EscalateTo RoleName `yaml:"escalate_to" tighten:"-"`
}

// StageSignOff is one role that signs in a stage.
type StageSignOff struct {
	// Role whose holders sign.
	Role RoleName `yaml:"role" tighten:"role"`
	// Count is how many different people must sign. Default: 1.
	Count int `yaml:"count" tighten:"up|1"`
}

// EvidenceRules says what it means that a change in the range is not met: show (it is
// shown, and whoever signs has seen it), accept (a role accepts it by
// "/override release/evidence REASON") or block.
type EvidenceRules struct {
	// Overridden is a pull request merged with an override. Default: show.
	Overridden EvidenceWord `yaml:"overridden" tighten:"block,accept,show|show"`
	// Bypassed is one merged while its requirements were not met. Default: accept.
	Bypassed EvidenceWord `yaml:"bypassed" tighten:"block,accept,show|accept"`
	// Unknown is one of before handrail, or of when it was blind. Default: accept.
	Unknown EvidenceWord `yaml:"unknown" tighten:"block,accept,show|accept"`
	// NoPullRequest is a commit that no merged pull request brought. Default: accept.
	NoPullRequest EvidenceWord `yaml:"no_pull_request" tighten:"block,accept,show|accept"`
	// Role whose holders accept. Default: any role of the last stage.
	Role RoleName `yaml:"role" tighten:"role"`
}

// ArtifactRule is an artifact that a release must have.
type ArtifactRule struct {
	// Name of a file of the release, globs among them (app_*.tar.gz), or of a container
	// image (ghcr.io/acme/app). It is needed.
	Name string `yaml:"name" tighten:"-"`
	// From says where its digest comes from: release (GitHub's digest of a file of the
	// release; the default) or upload ("handrail upload artifact" in the tag's build).
	From ArtifactFrom `yaml:"from" tighten:"same"`
	// Workflow is the path of the workflow whose runs may upload it. Default: any
	// workflow's run on the tag's commit.
	Workflow string `yaml:"workflow" tighten:"same"`
}

// DispatchRule is a workflow that a stage starts by workflow_dispatch, on the tag.
type DispatchRule struct {
	// Workflow is the file's name in .github/workflows: promote.yml.
	Workflow string `yaml:"workflow" tighten:"same"`
	// Inputs for it, by name. In a value {tag}, {commit}, {candidate}, {stage} and
	// {digest:NAME}, an artifact's digest, are filled in. Default: none.
	Inputs map[string]string `yaml:"inputs" tighten:"-"`
}

// ReleaseEmergency says who may promote at once, by "/break-glass REASON" on the
// tracking issue, and who looks at it afterwards.
type ReleaseEmergency struct {
	// Role whose holders may. Default: nobody may.
	Role RoleName `yaml:"role" tighten:"lifts"`
	// FollowUp is how soon somebody else must have looked at it and said so, by
	// "/follow-up TEXT". After that it is a finding. Default: 7d.
	FollowUp Duration `yaml:"follow_up" tighten:"down"`
	// FollowUpRole is the role whose holders may do that. Default: the role of the
	// emergency.
	FollowUpRole RoleName `yaml:"follow_up_role" tighten:"role"`
}

// ReleaseSeparation says who may not sign a release. Its zero value is tagger.
type ReleaseSeparation string

// The kinds of separation.
const (
	SeparationTagger ReleaseSeparation = "tagger"
	SeparationStrict ReleaseSeparation = "strict"
)

// UnmarshalText refuses any other word.
func (s *ReleaseSeparation) UnmarshalText(text []byte) error {
	return oneOf(s, text, SeparationTagger, SeparationStrict)
}

// PromoteWhen says what promotes an approved release. Its zero value is asked.
type PromoteWhen string

// What promotes.
const (
	PromoteAsked    PromoteWhen = "asked"
	PromoteApproved PromoteWhen = "approved"
)

// UnmarshalText refuses any other word.
func (w *PromoteWhen) UnmarshalText(text []byte) error {
	return oneOf(w, text, PromoteAsked, PromoteApproved)
}

// EvidenceWord says what an exception means. Its zero value blocks.
type EvidenceWord string

// What an exception in the evidence means.
const (
	EvidenceBlock  EvidenceWord = "block"
	EvidenceAccept EvidenceWord = "accept"
	EvidenceShow   EvidenceWord = "show"
)

// UnmarshalText refuses any other word.
func (w *EvidenceWord) UnmarshalText(text []byte) error {
	return oneOf(w, text, EvidenceBlock, EvidenceAccept, EvidenceShow)
}

// ArtifactFrom says where an artifact's digest comes from. Its zero value is release.
type ArtifactFrom string

// Where digests come from.
const (
	FromRelease ArtifactFrom = "release"
	FromUpload  ArtifactFrom = "upload"
)

// FromScan marks what runs have sent about a digest that is no artifact itself; see
// [Policy.NamedArtifacts]. No policy says it.
const FromScan ArtifactFrom = "scan"

// UnmarshalText refuses any other word.
func (f *ArtifactFrom) UnmarshalText(text []byte) error {
	return oneOf(f, text, FromRelease, FromUpload)
}

// The defaults of releases.
const (
	signOffUsual  = 14 * day
	remindUsual   = 24 * time.Hour
	escalateUsual = 72 * time.Hour
)

// NewReleaseRules is the section with its defaults.
func NewReleaseRules() *ReleaseRules {
	return &ReleaseRules{
		Valid: Duration(signOffUsual), BranchRules: true, Publish: true, Issue: true,
		Evidence: EvidenceRules{
			Overridden: EvidenceShow, Bypassed: EvidenceAccept, Unknown: EvidenceAccept, NoPullRequest: EvidenceAccept,
		},
		Emergency: ReleaseEmergency{FollowUp: Duration(followUsual)},
	}
}

// UseRoles hands over the policy's roles.
func (r *ReleaseRules) UseRoles(roles map[RoleName]Role) { r.roles = roles }

// FloorKey is the name by which a stage is compared with the floor's.
func (s Stage) FloorKey() string { return slug("", s.Name) }

// FloorKey is the role by which a stage's sign-off is compared with the floor's.
func (s StageSignOff) FloorKey() string { return string(s.Role) }

// FloorKey is the name by which an artifact is compared with the floor's.
func (a ArtifactRule) FloorKey() string { return a.Name }
