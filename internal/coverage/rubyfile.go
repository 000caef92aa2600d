package coverage

import (
	"cmp"
	"slices"
)

// rubyFile is what all commands say of a file.
type rubyFile struct {
	draft
	branches []rubyBranch
}

// rubyBranch is a branch of the condition on a line.
type rubyBranch struct {
	name  uint64 // a hash of the condition's and the branch's
	line  int32
	taken bool
}

// compareBranches puts a branch that was taken before the same one that was not.
func compareBranches(a, b rubyBranch) int {
	if a.name == b.name && a.line == b.line && a.taken != b.taken {
		if a.taken {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.line, b.line))
}

// end hands the file on.
func (f *rubyFile) end(path string) {
	slices.SortFunc(f.branches, compareBranches)
	for i, b := range f.branches {
		if again := i > 0 && f.branches[i-1].name == b.name && f.branches[i-1].line == b.line; !again && !b.taken {
			f.lacks(int(b.line))
		}
	}
	f.into(path)
}
