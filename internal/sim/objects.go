package sim

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// objects is a git object store: what one repository and its forks share. Its
// SHA-1s are git's own. It is only added to.
type objects struct {
	blobs   map[string][]byte
	trees   map[string][]entry
	commits map[string]*commit
	signed  map[string]bool // commits signed by GitHub itself
	keyed   map[string]bool // commits signed by people
	tagged  map[string]*tagObject
	ranges  map[[2]string]*comparison
	logTip  string // of logList, which was asked for last
	logList []*commit
}

// entry is one line of a tree. Mode is git's, without leading zero.
type entry struct{ mode, name, sha string }

const modeTree, modeFile, modeExec, modeLink, modeSubmodule = "40000", "100644", "100755", "120000", "160000"

type signature struct {
	name, email string
	at          time.Time
}

type commit struct {
	sha, tree         string
	parents           []string
	author, committer signature
	message           string
}

func newObjects() *objects {
	return &objects{blobs: map[string][]byte{}, trees: map[string][]entry{}, commits: map[string]*commit{},
		signed: map[string]bool{}, keyed: map[string]bool{}, tagged: map[string]*tagObject{}, ranges: map[[2]string]*comparison{}}
}

func gitSHA(kind string, body []byte) string {
	h := sha1.New()
	fmt.Fprintf(h, "%s %d\x00", kind, len(body))
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

func (o *objects) blob(text []byte) string {
	sha := gitSHA("blob", text)
	o.blobs[sha] = text
	return sha
}

// tree stores entries in git's order: by name, directories as if they ended in
// a slash.
func (o *objects) tree(list []entry) string {
	list = slices.Clone(list)
	key := func(e entry) string {
		if e.mode == modeTree {
			return e.name + "/"
		}
		return e.name
	}
	slices.SortFunc(list, func(a, b entry) int { return strings.Compare(key(a), key(b)) })
	var b bytes.Buffer
	for _, e := range list {
		raw, _ := hex.DecodeString(e.sha)
		fmt.Fprintf(&b, "%s %s\x00%s", e.mode, e.name, raw)
	}
	sha := gitSHA("tree", b.Bytes())
	o.trees[sha] = list
	return sha
}

func (s signature) String() string {
	return fmt.Sprintf("%s <%s> %d %s", s.name, s.email, s.at.Unix(), s.at.Format("-0700"))
}

// webSignature stands where GitHub's signature of a commit made on its pages
// stands, so that the object has the form git expects.
const webSignature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n c2ltdWxhdGVk\n -----END PGP SIGNATURE-----\n"

// commit stores a commit. One made on GitHub's pages is signed by GitHub.
func (o *objects) commit(c commit, web bool) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "tree %s\n", c.tree)
	for _, p := range c.parents {
		fmt.Fprintf(&b, "parent %s\n", p)
	}
	fmt.Fprintf(&b, "author %s\ncommitter %s\n", c.author, c.committer)
	if web {
		b.WriteString(webSignature)
	}
	b.WriteString("\n" + c.message)
	c.sha = gitSHA("commit", b.Bytes())
	o.commits[c.sha] = &c
	if web {
		o.signed[c.sha] = true
	}
	return c.sha
}

// add stores an object as git has it.
func (o *objects) add(kind string, body []byte) error {
	sha := gitSHA(kind, body)
	switch kind {
	case "blob":
		o.blobs[sha] = bytes.Clone(body)
	case "tree":
		list, err := parseTree(body)
		if err != nil {
			return fmt.Errorf("read tree %s: %w", sha, err)
		}
		o.trees[sha] = list
	case "commit":
		c, err := parseCommit(string(body))
		if err != nil {
			return fmt.Errorf("read commit %s: %w", sha, err)
		}
		c.sha = sha
		o.commits[sha] = c
	}
	return nil
}

func parseTree(body []byte) ([]entry, error) {
	var list []entry
	for len(body) > 0 {
		sp, nul := bytes.IndexByte(body, ' '), bytes.IndexByte(body, 0)
		if sp < 0 || nul < sp || len(body) < nul+21 {
			return nil, fmt.Errorf("a tree entry is cut short")
		}
		list = append(list, entry{string(body[:sp]), string(body[sp+1 : nul]), hex.EncodeToString(body[nul+1 : nul+21])})
		body = body[nul+21:]
	}
	return list, nil
}

func parseCommit(body string) (*commit, error) {
	head, message, _ := strings.Cut(body, "\n\n")
	c := &commit{message: message}
	var err error
	for line := range strings.SplitSeq(head, "\n") {
		key, value, _ := strings.Cut(line, " ")
		switch key {
		case "tree":
			c.tree = value
		case "parent":
			c.parents = append(c.parents, value)
		case "author":
			c.author, err = parseSignature(value)
		case "committer":
			c.committer, err = parseSignature(value)
		}
		if err != nil {
			return nil, err
		}
	}
	return c, nil
}

func parseSignature(line string) (signature, error) {
	lt, gt := strings.LastIndex(line, " <"), strings.LastIndex(line, "> ")
	if lt < 0 || gt < lt {
		return signature{}, fmt.Errorf("no address in %q", line)
	}
	stamp, zone, _ := strings.Cut(line[gt+2:], " ")
	sec, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return signature{}, fmt.Errorf("no time in %q", line)
	}
	at := time.Unix(sec, 0).UTC()
	if z, err := time.Parse("-0700", zone); err == nil {
		_, offset := z.Zone()
		at = at.In(time.FixedZone("", offset))
	}
	return signature{line[:lt], line[lt+2 : gt], at}, nil
}

// file is what stands at a path.
type file struct{ mode, sha string }

// files is every path of a tree.
func (o *objects) files(tree string) map[string]file {
	all := map[string]file{}
	o.walk(tree, "", func(path string, e entry) {
		if e.mode != modeTree {
			all[path] = file{e.mode, e.sha}
		}
	})
	return all
}

// walk visits every entry of a tree, directories before what they hold.
func (o *objects) walk(tree, prefix string, visit func(path string, e entry)) {
	for _, e := range o.trees[tree] {
		visit(prefix+e.name, e)
		if e.mode == modeTree {
			o.walk(e.sha, prefix+e.name+"/", visit)
		}
	}
}

// build stores the trees of a set of files and returns the top one.
func (o *objects) build(all map[string]file) string {
	type dir struct {
		own  []entry
		subs map[string]map[string]file
	}
	d := dir{subs: map[string]map[string]file{}}
	for path, f := range all {
		top, rest, deeper := strings.Cut(path, "/")
		if !deeper {
			d.own = append(d.own, entry{f.mode, path, f.sha})
			continue
		}
		if d.subs[top] == nil {
			d.subs[top] = map[string]file{}
		}
		d.subs[top][rest] = f
	}
	for name, sub := range d.subs {
		d.own = append(d.own, entry{modeTree, name, o.build(sub)})
	}
	return o.tree(d.own)
}

// at finds what stands at a path of a tree.
func (o *objects) at(tree, path string) (entry, bool) {
	path = strings.Trim(path, "/")
	if path == "" {
		return entry{mode: modeTree, sha: tree}, o.trees[tree] != nil
	}
	var found entry
	for part := range strings.SplitSeq(path, "/") {
		i := slices.IndexFunc(o.trees[tree], func(e entry) bool { return e.name == part })
		if i < 0 {
			return entry{}, false
		}
		found = o.trees[tree][i]
		tree = found.sha
	}
	return found, true
}
