package scan

// assignReach is how far after the beginning of a name its operator can be: what
// else is in names, 20 letters, and 3 blanks or quotation marks.
const assignReach = 64

// assigns says whether a name is given something after a place: an operator is
// next, and something long enough for a secret follows. It is true of whatever the
// expressions of such rules match, and of little else.
func (s *search) assigns(r *rule, at int) bool {
	text := s.text
	end := min(at+assignReach, len(text))
	for at < end && (wordByte[text[at]] || beforeOperator[text[at]]) {
		at++
	}
	if at == end || !operators[text[at]] {
		return false
	}
	for end = min(at+16, len(text)); at < end && (operators[text[at]] || aroundValue[text[at]]); {
		at++
	}
	for i := at; i < at+shortestValue; i++ {
		if i >= len(text) || !wordByte[text[i]] && !inValue[text[i]] {
			return false
		}
	}
	return r.id != genericRule || s.closes(at)
}

// shortestValue is of hashicorp-tf-password.
const shortestValue = 8

var (
	beforeOperator = setOf(" \t\n\v\f\r.-'\"")
	operators      = setOf("=>:|?,")
	aroundValue    = setOf(" \t\n\v\f\r`'\"")
	inValue        = setOf(".=+/:%~-\"")
)

func setOf(bytes string) (set byteSet) {
	for i := range len(bytes) {
		set[bytes[i]] = true
	}
	return set
}

// genericRule knows the commonest names and all values, so that it has to be held
// against a text far more often than all others together.
const genericRule = "generic-api-key"

// closes says whether a value of the generic rule can be between a place and its
// end, which is a blank, a quotation mark or the like: all of at most 150 bytes, or
// one without signs. Where runs end is kept: a value full of names is read once.
func (s *search) closes(at int) bool {
	end := s.runEnd(0, at, &genericByte)
	if end < len(s.text) && !closing[s.text[end]] {
		return false
	}
	return end-at <= 160 || end-s.runEnd(1, at, &codeLetter) <= 3
}

// runEnd is where bytes of a kind end that begin at a place. A caller asks for
// rising places, but for the few that names overlap by.
func (s *search) runEnd(kind, at int, set *byteSet) int {
	if s.runs[kind] > at && at >= s.runFrom[kind] {
		return s.runs[kind]
	}
	end := at
	for end < len(s.text) && set[s.text[end]] {
		end++
	}
	s.runFrom[kind], s.runs[kind] = at, end
	return end
}

var (
	genericByte = setOf(codeLetters + ".=-_")
	codeLetter  = setOf(codeLetters)
	closing     = setOf("`'\"; \t\n\v\f\r\\")
)

// codeLetters are those of base64.
const codeLetters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/"
