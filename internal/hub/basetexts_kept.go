package hub

import (
	"sync"

	"github.com/handrail-bot/handrail/checks"
)

// shelfBytes is how much text of files is kept, in each of two halves.
const shelfBytes = 4 << 20

// shelf keeps files as they are at a commit, which never changes: a pull request is
// judged many times while its base branch stays where it is. Its zero value is empty.
type shelf struct {
	mu          sync.Mutex
	fresh, aged map[shelfKey]checks.Text
	bytes       int // of fresh
}

type shelfKey struct {
	repo         int64
	commit, path string
}

// take is a file that is kept. It goes into the newer half.
func (k *shelf) take(key shelfKey) (checks.Text, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if t, ok := k.fresh[key]; ok {
		return t, true
	}
	t, ok := k.aged[key]
	if ok {
		k.keep(key, t)
	}
	return t, ok
}

// put keeps a file, or that there is none. One that could not be read may be
// readable the next time, and is not kept.
func (k *shelf) put(key shelfKey, t checks.Text) {
	if t.Cut {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keep(key, t)
}

// keep makes the newer half the older one when it is full.
func (k *shelf) keep(key shelfKey, t checks.Text) {
	size := len(t.Text) + len(key.path) + 256
	if k.fresh == nil || k.bytes+size > shelfBytes {
		k.aged, k.fresh, k.bytes = k.fresh, map[shelfKey]checks.Text{}, 0
	}
	if _, have := k.fresh[key]; !have {
		k.bytes += size
	}
	k.fresh[key] = t
}
