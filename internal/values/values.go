// Package values reads the values at some keys of configuration files: Kubernetes
// manifests, Helm values, Compose files, CloudFormation templates, Terraform, and
// other YAML and JSON. It reads no more than what is written there: an expression,
// a template or a reference to elsewhere is told as one, never guessed at.
//
// What it reads is hostile. It never panics, takes time and memory in proportion to
// the file, and says of a file that it cannot read why.
package values

import (
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/handrail-bot/handrail/checks"
)

// Engine is the version of the reader: it changes whenever the same file may be
// read otherwise.
const Engine = "values-2"

// The limits of what is read. They are ours: configuration that people write stays
// far below them.
const (
	// SizeLimit is the largest file that is read, in bytes.
	SizeLimit = 2 << 20
	// nodeLimit is how many values a file may have, with those that aliases repeat.
	nodeLimit = 200_000
	// depthLimit is how deep they may be nested.
	depthLimit = 100
	// foundLimit is how many of them may stand at the keys that are asked for.
	foundLimit = 1000
)

// Found is what one file says at the keys that are asked for. Fault is, as the end
// of a sentence, why it cannot be read; then there are no values.
type Found struct {
	Format string
	Values []checks.Value
	Fault  string
}

// problem is why a file cannot be read, as the end of a sentence.
type problem string

// Error implements error.
func (p problem) Error() string { return string(p) }

func problemf(format string, args ...any) problem { return problem(fmt.Sprintf(format, args...)) }

// Read reads the values of a file at some keys, in the order of the file. The name
// says what kind of file it is.
func Read(name string, text []byte, keys []string) Found {
	found, err := read(name, text, keys)
	if err != nil {
		return Found{Format: found.Format, Fault: err.Error()}
	}
	return found
}

func read(name string, text []byte, keys []string) (found Found, err error) {
	// Whatever a parser of others' does with a file, it is the file that cannot be
	// read, not all of handrail that stops.
	defer func() {
		if r := recover(); r != nil {
			err = problem("its parser fails")
		}
	}()
	switch {
	case len(text) > SizeLimit:
		return found, problemf("it is larger than %d MiB", SizeLimit>>20)
	case !utf8.Valid(text):
		return found, problem("it is no text in UTF-8")
	}
	f := file{name: name, base: strings.ToLower(path.Base(name)), left: nodeLimit}
	if err := f.parse(strings.TrimPrefix(string(text), "\ufeff")); err != nil {
		return found, err
	}
	s := selection{format: f.format, matchers: make([]checks.KeyMatcher, len(keys))}
	for i, k := range keys {
		s.matchers[i] = checks.KeyPattern(k).Matcher()
	}
	for i := range f.documents {
		s.document(&f.documents[i])
	}
	s.expressions(f.loose)
	if len(s.out) > foundLimit {
		return Found{Format: string(f.format)}, problemf("it has more than %d values of that kind", foundLimit)
	}
	return Found{Format: string(f.format), Values: s.out}, nil
}

// file is a file that is read.
type file struct {
	name, base string
	left       int // nodes that may still be made
	template   bool
	format     format
	documents  []document
	loose      []*node // expressions that may become anything, anywhere
}

// parse makes documents of a text.
func (f *file) parse(text string) error {
	var roots []*node
	var err error
	switch {
	case hasSuffix(f.base, ".tf", ".tfvars", ".hcl"):
		roots, err = f.hcl(text)
	case hasSuffix(f.base, ".json"):
		roots, err = f.json(text)
	case hasSuffix(f.base, ".yaml", ".yml", ".tpl"):
		roots, err = f.yaml(text)
	default:
		return problem("it is no YAML, JSON or Terraform file by its name")
	}
	if err != nil {
		return err
	}
	for _, r := range roots {
		if r.kind == scalar && !r.null {
			return problem("it holds a single text and no keys")
		}
	}
	if f.sort(roots); f.left < 0 {
		return errMany
	}
	return nil
}

func hasSuffix(name string, suffixes ...string) bool {
	for _, s := range suffixes {
		if strings.HasSuffix(name, s) {
			return true
		}
	}
	return false
}
