package checks

import "time"

// KindRelease is a release, (repository, tag); its name is the tag's.
const KindRelease SubjectKind = "release"

// Names that outside programs depend on (product.md).
const (
	// RunRelease is the check-run on a tag's commit that says whether the release may
	// be promoted. Each stage has one of its own: RunStagePrefix and the stage's name.
	RunRelease     = "Release Requirements"
	RunStagePrefix = RunPrefix + "release/"
	// LabelRelease is on the tracking issue while everything that the release's policy
	// asks for is there.
	LabelRelease = "Release Requirements Met"
)

// Release is a release as it was at one moment: everything that judging it may look
// at. It is stored as JSON with every verdict, so it is a format: fields are only ever
// added, never renamed or removed. Slices may come in any order, unless said otherwise.
type Release struct {
	// At is GitHub's clock when the snapshot was read, the only clock there is.
	At    time.Time `json:"at"`
	Repo  Repo      `json:"repo"`
	AppID int64     `json:"app_id,omitzero"` // handrail's own
	Tag   Tag       `json:"tag"`
	// Page is GitHub's release of the tag; its zero value is none.
	Page ReleasePage `json:"page,omitzero"`
	// Artifacts are what the policy's artifacts name, as found.
	Artifacts []ReleaseArtifact `json:"artifacts,omitzero"`
	Evidence  ReleaseEvidence   `json:"evidence"`

	// Runs are the newest check-runs and statuses of each name on the tag's commit,
	// ours among them. BranchRequires are the checks that the rules of the default
	// branch require.
	Runs           []Run      `json:"runs,omitzero"`
	BranchRequires []Required `json:"branch_requires,omitzero"`

	// People and Teams are as in [Pull]: what is absent was not asked about.
	People map[string]Person `json:"people,omitzero"`
	Teams  map[string]Team   `json:"teams,omitzero"`

	Issue TrackingIssue `json:"issue,omitzero"`
	// Acts are what people did about the release, by whatever way, of every candidate
	// that it ever had. None is ever taken out.
	Acts []Act `json:"acts,omitzero"`
	// Outs are other tags of the repository that are released, by handrail or, before
	// it, on GitHub, and that this one is to be compared with.
	Outs []Out `json:"outs,omitzero"`
	// Gates are jobs that wait for an environment which a protection rule of ours
	// guards.
	Gates []Gate `json:"gates,omitzero"`
	// Deployments are what was deployed of this tag's commit.
	Deployments []Deployment `json:"deployments,omitzero"`
	// Dispatched are the workflow runs that stages have started.
	Dispatched []Dispatched `json:"dispatched,omitzero"`
	// SharedWith is another release at the same commit whose candidate is newer, and
	// which therefore has the check-runs; "" for none.
	SharedWith string `json:"shared_with,omitzero"`
	// Taken are commits of earlier candidates at which another release is now: the
	// check-runs there are that one's.
	Taken []string `json:"taken,omitzero"`

	Memory ReleaseMemory `json:"memory,omitzero"`
}

// Tag is where a tag is. An annotated one has an object of its own, OID; of another
// OID is the commit.
type Tag struct {
	Name      string `json:"name"`
	OID       string `json:"oid,omitzero"`
	Commit    string `json:"commit,omitzero"` // "" where it is of something else
	Annotated bool   `json:"annotated,omitzero"`
	Gone      bool   `json:"gone,omitzero"` // there is no such tag
	// Pusher is who put it there, as the event told that moved it to OID; without a
	// login where no event was heard.
	Pusher Actor `json:"pusher,omitzero"`
	// Named is the account that the tag object names as the tagger; anybody can write
	// any e-mail there.
	Named Actor `json:"named,omitzero"`
}

// ReleasePage is GitHub's release of a tag. ID is the REST interface's number.
type ReleasePage struct {
	ID         int64   `json:"id,omitzero"`
	NodeID     string  `json:"node_id,omitzero"`
	Name       string  `json:"name,omitzero"`
	Draft      bool    `json:"draft,omitzero"`
	Prerelease bool    `json:"prerelease,omitzero"`
	Immutable  bool    `json:"immutable,omitzero"`
	Author     Actor   `json:"author,omitzero"`
	Assets     []Asset `json:"assets,omitzero"`
	// AssetsCut says that there are more assets than are listed. Hidden says that
	// drafts cannot be seen, since the App may not write contents.
	AssetsCut bool      `json:"assets_cut,omitzero"`
	Hidden    bool      `json:"hidden,omitzero"`
	Published time.Time `json:"published,omitzero"`
}

// Asset is a file of a release. Digest is "sha256:HEX", "" where GitHub has none; ID
// and Updated tell then when it was replaced.
type Asset struct {
	ID      int64     `json:"id,omitzero"`
	Name    string    `json:"name"`
	Digest  string    `json:"digest,omitzero"`
	Size    int64     `json:"size,omitzero"`
	Updated time.Time `json:"updated,omitzero"`
	Ready   bool      `json:"ready,omitzero"` // its upload is done
}

// ReleaseArtifact is a container image or file that the policy names, by its digest.
type ReleaseArtifact struct {
	Name   string `json:"name"`            // as found: handrail_linux_amd64.tar.gz, ghcr.io/acme/app
	Rule   string `json:"rule"`            // name of the policy's artifact that it is of
	Digest string `json:"digest,omitzero"` // algorithm:hex
	From   string `json:"from,omitzero"`   // release or upload
	Run    int64  `json:"run,omitzero"`    // workflow run that uploaded it
	Seq    int64  `json:"seq,omitzero"`    // of the log entry of the upload
	// Workflow is the path of the run's workflow file.
	Workflow string `json:"workflow,omitzero"`
	// Attested says whether GitHub holds an attestation of this repository about the
	// digest: by workflow path, "" where it is not told. AttestedRead says that it was
	// asked.
	Attested     []string `json:"attested,omitzero"`
	AttestedRead bool     `json:"attested_read,omitzero"`
	// AttestedDenied says that the App may not read attestations, or that there are more
	// than were looked at.
	AttestedDenied bool `json:"attested_denied,omitzero"`
	// Scanned says what scans of it found, by severity word (see [SeverityWord]);
	// ScannedRead that a report about the digest was there.
	Scanned     map[string]int `json:"scanned,omitzero"`
	ScannedRead bool           `json:"scanned_read,omitzero"`
}

// TrackingIssue is the issue on which a release is talked about. Number is 0 where
// there is none yet; Denied says that the App may not write issues.
type TrackingIssue struct {
	Number int      `json:"number,omitzero"`
	NodeID string   `json:"node_id,omitzero"`
	Open   bool     `json:"open,omitzero"`
	Title  string   `json:"title,omitzero"`
	Labels []string `json:"labels,omitzero"`
	// Shown is the digest of the text that handrail last put there, which stands in
	// the text itself; another one was written by somebody else.
	Shown  string `json:"shown,omitzero"`
	Denied bool   `json:"denied,omitzero"`
	// Comments are what people wrote there, as in a pull request.
	Comments []Comment `json:"comments,omitzero"`
	// Cut says that not all comments were listed.
	Cut bool `json:"cut,omitzero"`
}

// Out is a tag that is released. Contains says that this release's commit is in it,
// Known whether that could be told.
type Out struct {
	Tag      string    `json:"tag"`
	Commit   string    `json:"commit"`
	At       time.Time `json:"at"` // when it was released
	Contains bool      `json:"contains,omitzero"`
	Known    bool      `json:"known,omitzero"`
}

// Gate is a job that waits until its environment's protection rule is answered.
type Gate struct {
	RunID       int64     `json:"run_id"`
	Environment string    `json:"environment"`
	Asked       time.Time `json:"asked"` // our clock
	// Answered is approved or rejected once GitHub has the answer. Said is the digest
	// of the last comment on its status, Comments how many there were.
	Answered string `json:"answered,omitzero"`
	Said     string `json:"said,omitzero"`
	Comments int    `json:"comments,omitzero"`
}

// Deployment is one deployment of the tag's commit, with GitHub's last word on it:
// success, failure, error, in_progress, queued, pending, inactive.
type Deployment struct {
	ID          int64     `json:"id"`
	Environment string    `json:"environment"`
	State       string    `json:"state"`
	At          time.Time `json:"at"`
}

// Dispatched is a workflow that a stage has started for a candidate.
type Dispatched struct {
	Stage      string    `json:"stage"`
	Candidate  string    `json:"candidate"`
	Workflow   string    `json:"workflow"`
	At         time.Time `json:"at"`
	RunID      int64     `json:"run_id,omitzero"`     // 0 while it is not found
	Status     string    `json:"status,omitzero"`     // as of a check-run
	Conclusion string    `json:"conclusion,omitzero"` // as of a check-run
}

// ReleaseMemory is what only handrail's own record knows.
type ReleaseMemory struct {
	// Candidates are those that the release has had, the oldest first.
	Candidates []PastCandidate `json:"candidates,omitzero"`
	// Promoted is the candidate that was promoted; Seq is the entry of the decision.
	// PromotedAt is our clock.
	Promoted    string    `json:"promoted,omitzero"`
	PromotedSeq int64     `json:"promoted_seq,omitzero"`
	PromotedAt  time.Time `json:"promoted_at,omitzero"`
	// Emergency says that it was promoted without what the policy asks for.
	Emergency bool `json:"emergency,omitzero"`
	// Released is when the promotion was done, on every level that there is.
	Released time.Time `json:"released,omitzero"`
	// Since is, by result id, since when it has its state.
	Since map[string]Since `json:"since,omitzero"`
	// Reminded are the marks of what is done once, and when it was: those of reminders,
	// "STAGE/ROLE CANDIDATE12 remind" or "… escalate", and every other one that
	// [Action.Remind] names. One is kept before the action is tried, and dropped when
	// GitHub has not confirmed it.
	Reminded map[string]time.Time `json:"reminded,omitzero"`
	Reruns   []Rerun              `json:"reruns,omitzero"`
}

// PastCandidate is a candidate of a release. Since is when it was first seen, Shown
// when GitHub first showed it (GitHub's clock; zero while it does not), until which
// what people write is about the one before. Ended is when it was one no more, Why the
// sentence that says what made another.
type PastCandidate struct {
	Candidate
	Digest string    `json:"digest"`
	Since  time.Time `json:"since"`
	Shown  time.Time `json:"shown,omitzero"`
	Ended  time.Time `json:"ended,omitzero"`
	Why    string    `json:"why,omitzero"`
	// Seq is the log entry by which it came.
	Seq int64 `json:"seq,omitzero"`
}
