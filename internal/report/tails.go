package report

import (
	"slices"
	"sort"

	"github.com/handrail-bot/handrail/checks"
)

// Index finds files of a repository by how their paths end.
type Index struct {
	files map[string]string
	tails []string // all paths, compared from the end
	cut   bool     // files are missing: no ending is known to be unique
}

// NewIndex is of the files of a tree.
func NewIndex(tree checks.Tree) *Index {
	x := &Index{files: tree.Files, cut: tree.Cut, tails: make([]string, 0, len(tree.Files))}
	for path := range tree.Files {
		x.tails = append(x.tails, path)
	}
	slices.SortFunc(x.tails, compareTails)
	return x
}

func (x *Index) has(path string) bool {
	_, ok := x.files[path]
	return ok
}

// tail finds the file with which path shares most segments at the end, and how
// many bytes these are. More than one such file are ambiguous; rival is one of
// them.
func (x *Index) tail(path string) (file string, n int, rival string) {
	if x.cut {
		return "", 0, ""
	}
	at := sort.Search(len(x.tails), func(i int) bool { return compareTails(x.tails[i], path) >= 0 })
	// Those that share most stand side by side, around the place of path.
	for i := max(0, at-2); i < min(len(x.tails), at+2); i++ {
		switch k := commonTail(x.tails[i], path); {
		case k > n:
			file, n, rival = x.tails[i], k, ""
		case k == n && k > 0:
			rival = x.tails[i]
		}
	}
	return file, n, rival
}

// compareTails orders paths by their last byte, then the one before, and so on.
// A slash is less than any other byte, so that paths with the same last segments
// stand side by side.
func compareTails(a, b string) int {
	i, j := len(a)-1, len(b)-1
	for ; i >= 0 && j >= 0; i, j = i-1, j-1 {
		if a[i] == b[j] {
			continue
		}
		if a[i] == '/' {
			return -1
		}
		if b[j] == '/' {
			return 1
		}
		return int(a[i]) - int(b[j])
	}
	return i - j
}

// commonTail is how many bytes of whole segments two paths share at the end, the
// slash before them not counted.
func commonTail(a, b string) int {
	i, j := len(a), len(b)
	n := 0
	for i > 0 && j > 0 && a[i-1] == b[j-1] {
		i, j = i-1, j-1
		if a[i] == '/' {
			n = len(a) - i - 1
		}
	}
	if (i == 0 || a[i-1] == '/') && (j == 0 || b[j-1] == '/') && (i < len(a) && a[i] != '/') {
		n = len(a) - i
	}
	return n
}
