package hub

import (
	"sync"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

const (
	// handoverBytes is how much text of patches is kept for who may ask next, and
	// handoverTime how long: reading the files and scanning them are a moment apart.
	handoverBytes = 8 << 20
	handoverTime  = time.Minute
)

// handover keeps the texts that came along with lists of files until they are
// asked for, once, so that the same pages need not be asked for twice.
type handover struct {
	mu    sync.Mutex
	kept  []keptPatch // the oldest first
	bytes int
}

type keptPatch struct {
	key   patchKey
	patch checks.Patch
	bytes int
	until time.Time
}

// put keeps a patch; the oldest ones make room, and one that is too large for it
// is not kept.
func (o *handover) put(key patchKey, p checks.Patch, now time.Time) {
	size := 0
	for _, f := range p.Files {
		size += len(f.Text) + len(f.Path) + 256
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.drop(func(k keptPatch) bool { return k.key == key || !now.Before(k.until) })
	if size > handoverBytes {
		return
	}
	for o.bytes+size > handoverBytes {
		oldest := o.kept[0].key
		o.drop(func(k keptPatch) bool { return k.key == oldest })
	}
	o.kept = append(o.kept, keptPatch{key, p, size, now.Add(handoverTime)})
	o.bytes += size
}

// take hands a patch over.
func (o *handover) take(key patchKey) (p checks.Patch, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.drop(func(k keptPatch) bool {
		if k.key == key {
			p, ok = k.patch, true
		}
		return k.key == key
	})
	return p, ok
}

// drop forgets what gone picks. A new list is made, so that no text stays behind
// in the old one.
func (o *handover) drop(gone func(keptPatch) bool) {
	var left []keptPatch
	o.bytes = 0
	for _, k := range o.kept {
		if !gone(k) {
			left = append(left, k)
			o.bytes += k.bytes
		}
	}
	o.kept = left
}
