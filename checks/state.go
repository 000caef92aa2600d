package checks

import "fmt"

// State is what a requirement comes to. The zero value blocks. States are
// ordered, worst first; a verdict is as good as its worst result.
type State int

const (
	// Unmet: the author must act, or something failed, or evidence could not
	// be read.
	Unmet State = iota
	// Waiting: other people or machines are at it.
	Waiting
	// Overridden: somebody who may has let it pass.
	Overridden
	// Met: fulfilled.
	Met
	// Exempt: does not apply to this pull request.
	Exempt
)

var stateNames = [...]string{"unmet", "waiting", "overridden", "met", "exempt"}

// String is the state's name in lower case. A value that is no state reads
// "unmet", since that is how it counts.
func (s State) String() string {
	if s < Unmet || s > Exempt {
		return stateNames[Unmet]
	}
	return stateNames[s]
}

// Passes says whether the state blocks nothing.
func (s State) Passes() bool { return s >= Overridden && s <= Exempt }

// MarshalText writes the state's name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a state's name. An unknown one is an error and leaves
// the value blocking.
func (s *State) UnmarshalText(text []byte) error {
	*s = Unmet
	for i, n := range stateNames {
		if n == string(text) {
			*s = State(i)
			return nil
		}
	}
	return fmt.Errorf("decode state: %q is none of %v", text, stateNames)
}

// worse returns the worse of two states; values that are no state count as
// Unmet.
func worse(a, b State) State {
	if a < Unmet || a > Exempt || b < Unmet || b > Exempt {
		return Unmet
	}
	return min(a, b)
}
