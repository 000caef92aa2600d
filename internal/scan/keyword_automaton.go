package scan

// automaton finds many words in one pass, whatever their case (Aho and Corasick,
// "Efficient string matching", 1975). It is a complete one: one step a byte, no
// way back. It does not change once it is built.
type automaton struct {
	class [256]uint8 // of a byte; 0 is of all those in no word
	width int        // how many classes there are
	next  []uint16   // by state and class
	ends  [][]uint16 // by state, the words that end there
}

// newAutomaton takes words in lower case, fewer than 65,536 letters of them.
func newAutomaton(words []string) *automaton {
	a := &automaton{width: 1}
	for _, word := range words {
		for i := range len(word) {
			a.admit(word[i])
		}
	}
	a.state()
	for n, word := range words {
		a.plant(n, word)
	}
	a.complete()
	return a
}

// admit gives a byte, and its other case, a class of its own.
func (a *automaton) admit(c byte) {
	if a.class[c] != 0 {
		return
	}
	a.class[c] = uint8(a.width)
	if 'a' <= c && c <= 'z' {
		a.class[c-'a'+'A'] = uint8(a.width)
	}
	a.width++
}

func (a *automaton) state() uint16 {
	a.next = append(a.next, make([]uint16, a.width)...)
	a.ends = append(a.ends, nil)
	return uint16(len(a.ends) - 1)
}

func (a *automaton) plant(number int, word string) {
	at := 0
	for i := range len(word) {
		edge := at*a.width + int(a.class[word[i]])
		if a.next[edge] == 0 {
			to := a.state() // moves next
			a.next[edge] = to
		}
		at = int(a.next[edge])
	}
	a.ends[at] = append(a.ends[at], uint16(number))
}

// complete puts in for every missing step the one from the longest end of what
// was read that begins another word.
func (a *automaton) complete() {
	fallback := make([]uint16, len(a.ends))
	queue := []uint16{0}
	for i := 0; i < len(queue); i++ {
		at := int(queue[i])
		for c := range a.width {
			edge := at*a.width + c
			missing := a.next[int(fallback[at])*a.width+c]
			to := a.next[edge]
			switch {
			case to == 0 && at != 0:
				a.next[edge] = missing
			case to != 0:
				if at != 0 {
					fallback[to] = missing
				}
				a.ends[to] = append(a.ends[to], a.ends[fallback[to]]...)
				queue = append(queue, to)
			}
		}
	}
}

// step is the state after a byte.
func (a *automaton) step(state uint16, c byte) uint16 {
	return a.next[int(state)*a.width+int(a.class[c])]
}
