package checks

import (
	"slices"
	"time"
)

// Scanning says what a policy asks the security scan to look for. What is found
// for one is kept in [Pull.Scans] under its Key. Secrets, hidden characters,
// suppressions and oddities are looked for in any case.
type Scanning struct {
	// Patterns are what to look for in the lines that are added and removed.
	Patterns Patterns `json:"patterns,omitzero"`
	// SARIF are the reports of scanners that are asked for; nil is none.
	SARIF *Selection `json:"sarif,omitzero"`
	// Alerts are what GitHub itself is asked about.
	Alerts []AlertKind `json:"alerts,omitzero"`
}

// Patterns name code by what is written in it. Matching is by tokens, whatever
// the language; "*" stands for any part of a name.
type Patterns struct {
	// Keywords are words, or parts of names: password is in userPassword.
	Keywords []string `json:"keywords,omitzero"`
	// Functions are called: exec, os.Exec, db.query*. "^eval" is eval(x) and not
	// model.eval(x).
	Functions []string `json:"functions,omitzero"`
	// Classes are named in any way: Cipher, X509*.
	Classes []string `json:"classes,omitzero"`
	// Exclude are files in which nothing of it is looked for.
	Exclude []Glob `json:"exclude,omitzero"`
}

// Key stands for the scanning in a snapshot and in the store.
func (s Scanning) Key() string { return keyOf(s) }

// SARIFReports is the kind of a [Selection] of what scanners found.
const SARIFReports = "sarif"

// DefaultSARIF are the artifacts that are read where a policy names none.
var DefaultSARIF = []Glob{"*sarif*"}

// Scan is what the security scan of a pull request found.
type Scan struct {
	// Engine is the version of the rules and of what applies them; "" if nothing
	// was scanned.
	Engine string `json:"engine,omitzero"`
	// Whole is of the difference base...head; nil if it has not been scanned.
	Whole *PatchScan `json:"whole,omitzero"`
	// Commits are the commits of which something is to be said, each by itself;
	// Scanned is how many were, Left how many are still to be scanned.
	Commits []CommitScan `json:"commits,omitzero"`
	Scanned int          `json:"scanned,omitzero"`
	Left    int          `json:"left,omitzero"`
	// SARIF is set where the scanning asks for it.
	SARIF *Findings `json:"sarif,omitzero"`
	// Alerts, one for each kind that was asked for; one that could not be asked for
	// yet is not in it.
	Alerts []Alerts `json:"alerts,omitzero"`
	// Next is when it goes on with what is left (GitHub's clock), where that is
	// known; zero is soon.
	Next time.Time `json:"next,omitzero"`
}

// has says whether GitHub has answered about a kind of alert.
func (s *Scan) has(kind AlertKind) bool {
	return slices.ContainsFunc(s.Alerts, func(a Alerts) bool { return a.Kind == kind })
}

// CommitScan is what one commit adds that no longer needs to be there.
type CommitScan struct {
	SHA     string   `json:"sha"`
	Secrets []Secret `json:"secrets,omitzero"`
	// Incomplete is what of it could not be scanned, each a sentence's end such as
	// "GitHub shows no lines of dist/app.js".
	Incomplete []string `json:"incomplete,omitzero"`
}

// PatchScan is what was found in the lines of a [Patch]. Lists are cut at 200;
// More counts what was left out of them.
type PatchScan struct {
	Secrets []Secret `json:"secrets,omitzero"`
	// Hidden are characters that show nothing or change how others show.
	Hidden []Spot `json:"hidden,omitzero"`
	// Watched are lines that a pattern matches.
	Watched []Spot `json:"watched,omitzero"`
	// Silenced are added lines that tell a scanner to overlook something.
	Silenced []Spot `json:"silenced,omitzero"`
	// Odd are files that are no text that could be looked at.
	Odd []Oddity `json:"odd,omitzero"`
	// Incomplete is what could not be scanned, each a sentence's end.
	Incomplete []string `json:"incomplete,omitzero"`
	More       int      `json:"more,omitzero"`
	Files      int      `json:"files,omitzero"` // looked at
	Lines      int      `json:"lines,omitzero"` // added ones, looked at
}

// Secret is a secret that was found. It holds nothing of the secret itself.
type Secret struct {
	// Digest is the HMAC-SHA256 of rule and secret under the server's key, in
	// hexadecimal: the same secret has the same one, and nobody else can make it.
	Digest string `json:"digest"`
	Rule   string `json:"rule"`            // its id: aws-access-token
	Title  string `json:"title,omitzero"`  // what it is, in words
	Weak   bool   `json:"weak,omitzero"`   // of a general shape, not one provider's own
	In     string `json:"in,omitzero"`     // "" is a file, else which text: see the constants
	Path   string `json:"path,omitzero"`   // of a file
	Line   int    `json:"line,omitzero"`   // at the commit, or in the text, from 1
	Commit string `json:"commit,omitzero"` // "" is the head
	Of     string `json:"of,omitzero"`     // of a text: the commit, or GitHub's id of the comment or review
}

// The texts that a secret can be in.
const (
	InTitle   = "title"
	InBody    = "description"
	InMessage = "commit-message"
	InComment = "comment"
	InReview  = "review"
	InPolicy  = "policy"
)

// ID is the secret's name in commands and policies.
func (s Secret) ID() string { return "s-" + s.Digest[:min(len(s.Digest), 12)] }

// Spot is a place in a changed file.
type Spot struct {
	Path string `json:"path"`
	Line int    `json:"line,omitzero"` // at the head; of a removed line, at the base
	// Gone: the line is removed.
	Gone bool `json:"gone,omitzero"`
	// Kind: of a watched line keyword, function or class; of hidden characters
	// bidirectional, zero-width, tag or control; of a suppression the tool.
	Kind string `json:"kind,omitzero"`
	What string `json:"what,omitzero"` // the pattern, the characters' names, the comment's mark
}

// Oddity is a file that a scan of text says nothing about.
type Oddity struct {
	Path string  `json:"path"`
	Kind OddKind `json:"kind"`
}

// OddKind is what makes a file an [Oddity].
type OddKind string

// The kinds of oddity. LoneLine is a file of one line without its end, as a
// symbolic link looks: only its mode tells.
const (
	OddBinary    OddKind = "binary"
	OddSubmodule OddKind = "submodule"
	OddSymlink   OddKind = "symlink"
	OddLoneLine  OddKind = "lone-line"
)

// Finding is what a scanner, or GitHub, found. Texts are plain and may hold
// anything.
type Finding struct {
	// ID stands for tool, rule, path, what is written there, and which one of
	// several such it is: it stays when lines move.
	ID   string `json:"id"`
	Tool string `json:"tool"`
	Rule string `json:"rule"`
	Text string `json:"text,omitzero"` // what is wrong
	Path string `json:"path,omitzero"`
	Line int    `json:"line,omitzero"` // of the tested commit, from 1; 0 is the whole file
	End  int    `json:"end,omitzero"`
	// Severity is CVSS-like, in tenths: 70 is 7.0. Rated says that there is one.
	Severity int    `json:"severity,omitzero"`
	Rated    bool   `json:"rated,omitzero"`
	Level    string `json:"level,omitzero"` // SARIF's: error, warning, note, none; "" unknown
	URL      string `json:"url,omitzero"`
	// AtHead says that the file is the same at the head, so that Line holds there.
	AtHead bool `json:"at_head,omitzero"`
}

// findingLimit is how many findings a snapshot holds, the worst first.
const findingLimit = 500

// FindingLimit is how many findings [Findings.New] and [Alerts.New] hold at most.
const FindingLimit = findingLimit

// Findings is what the SARIF reports of a pull request's head say.
type Findings struct {
	Gathering
	// New are those that the pull request brings, the worst first; More counts
	// those that were left out at the end.
	New  []Finding `json:"new,omitzero"`
	More int       `json:"more,omitzero"`
	// Old counts those that the base has too.
	Old int `json:"old,omitzero"`
	// Against is the commit of the base branch whose findings these were compared
	// with, so many commits before the merge base; "" is that they were compared by
	// lines only.
	Against string `json:"against,omitzero"`
	Behind  int    `json:"behind,omitzero"`
	// BasePending says that a nearer commit, whose workflows still ran, may have
	// reports soon.
	BasePending bool `json:"base_pending,omitzero"`
	// Tools are the runs of scanners in the reports.
	Tools []ToolRun `json:"tools,omitzero"`
	// Skipped counts results that made no sense.
	Skipped int `json:"skipped,omitzero"`
}

// ToolRun is one run of a scanner, as a SARIF report tells of it.
type ToolRun struct {
	Tool    string `json:"tool"`
	Version string `json:"version,omitzero"`
	Results int    `json:"results,omitzero"`
	// Failed is why it is no scan, one sentence without its full stop; "" if it is.
	Failed string `json:"failed,omitzero"`
}

// AlertKind is what GitHub itself can be asked about.
type AlertKind string

// The kinds of alert.
const (
	CodeScanning     AlertKind = "code_scanning"
	DependencyReview AlertKind = "dependencies"
	SecretScanning   AlertKind = "secret_scanning"
)

// Alerts is what GitHub says of one kind of alert.
type Alerts struct {
	Kind AlertKind `json:"kind"`
	// Missing is why GitHub does not say, a sentence's end such as "this App may
	// not read them"; "" if it does. What is listed beside it counts.
	Missing string `json:"missing,omitzero"`
	// Pending says that GitHub has not looked at this head yet.
	Pending bool      `json:"pending,omitzero"`
	New     []Finding `json:"new,omitzero"`
	More    int       `json:"more,omitzero"`
	Old     int       `json:"old,omitzero"`
}
