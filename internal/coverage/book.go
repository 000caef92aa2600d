package coverage

import (
	"cmp"
	"maps"
	"slices"
)

// rare is the symbol of a triple that is in no book; a book has no more entries.
const rare = 255

// book gives the most common triples a symbol of one byte each.
type book struct {
	counts  map[triple]int
	symbols map[triple]byte
}

func (b *book) count(t triple) {
	if b.counts == nil {
		b.counts = map[triple]int{}
	}
	b.counts[t]++
}

// write chooses the entries and appends them to a column.
func (b *book) write(col *[]byte) {
	common := slices.SortedFunc(maps.Keys(b.counts), func(x, y triple) int {
		return cmp.Or(cmp.Compare(b.counts[y], b.counts[x]), slices.Compare(x[:], y[:]))
	})
	// To stand in the book costs as much as to stand outside once.
	for i, t := range common {
		if i == rare || b.counts[t] < 2 {
			common = common[:i]
			break
		}
	}
	b.symbols = make(map[triple]byte, len(common))
	put(col, len(common))
	for i, t := range common {
		b.symbols[t] = byte(i)
		put(col, t[:]...)
	}
}

// put appends a triple's symbol to symbols, and to others itself if it has none.
func (b *book) put(symbols []byte, others *[]byte, t triple) []byte {
	if s, ok := b.symbols[t]; ok {
		return append(symbols, s)
	}
	put(others, t[:]...)
	return append(symbols, rare)
}
