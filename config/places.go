package config

import (
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// within says whether a path is another one or below it.
func within(path, of string) bool { return path == of || strings.HasPrefix(path, of+".") }

// places are the paths at which something is wrong, and those above them. There may be
// as many as the file has values.
type places struct{ at, above map[string]bool }

func placesOf(problems []checks.Problem) places {
	p := places{map[string]bool{}, map[string]bool{}}
	for i := range problems {
		key := problems[i].Key
		p.at[key] = true
		for up := aboveOf(key); up != "" && !p.above[up]; up = aboveOf(up) {
			p.above[up] = true
		}
	}
	return p
}

// touch says whether something is wrong at a path, below it, or above it.
func (p places) touch(path string) bool {
	if p.above[path] {
		return true
	}
	for ; path != ""; path = aboveOf(path) {
		if p.at[path] {
			return true
		}
	}
	return false
}

// aboveOf is a path without its last step, "" of one that has only one.
func aboveOf(path string) string { return path[:max(strings.LastIndexByte(path, '.'), 0)] }
