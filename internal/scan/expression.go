package scan

import (
	"regexp"
	"sync"
)

// expression is a regular expression that is compiled when it is first used. Most
// rules' never are, and all of them compiled take several megabytes and most of the
// time of a start. That each can be compiled is tested: it is part of this program.
type expression struct {
	text     string
	once     sync.Once
	compiled *regexp.Regexp
}

func (e *expression) get() *regexp.Regexp {
	e.once.Do(func() { e.compiled = regexp.MustCompile(e.text) })
	return e.compiled
}
