package scan

// assignReach is how far after the beginning of a name its operator can be: what
// else is in names, 20 letters, and 3 blanks or quotation marks.
const assignReach = 64

// giving is what was found out about what an operator gives.
type giving struct {
	operator int // where it is, and 1
	end      int // of the match; -1 is none
}

// given is how far a rule has to be held against the text behind a name: as far as
// what the name is given goes, and one more. It is -1 if no secret is given to it.
// What an operator gives is read once, however many names stand before it.
func (s *search) given(number int, h *head, at int) int {
	operator, start := s.operator(at)
	if operator < 0 {
		return -1
	}
	if s.read == nil {
		s.read = make([]giving, len(s.rules))
	}
	last := &s.read[number]
	if last.operator != operator+1 {
		*last = giving{operator + 1, s.valueEnd(s.rules[number], h.value, operator, start)}
	}
	if last.end < 0 {
		return -1
	}
	return min(last.end+1, len(s.text))
}

// operator is where what is given begins and where, behind blanks and quotation
// marks, its value does, if something long enough for a secret follows; else -1. It
// tells of whatever the expressions of such rules match, and of little else.
func (s *search) operator(at int) (operator, start int) {
	text := s.text
	end := min(at+assignReach, len(text))
	for at < end && (wordByte[text[at]] || beforeOperator[text[at]]) {
		at++
	}
	if at == end || !operators[text[at]] {
		return -1, -1
	}
	operator = at
	for end = min(at+16, len(text)); at < end && (operators[text[at]] || aroundValue[text[at]]); {
		at++
	}
	for i := at; i < at+shortestValue; i++ {
		if i >= len(text) || !wordByte[text[i]] && !inValue[text[i]] {
			return -1, -1
		}
	}
	return operator, at
}

// valueEnd is where a match ends that goes on with an operator; -1 if none does.
func (s *search) valueEnd(r *rule, v *value, operator, start int) int {
	to := min(operator+v.reach+1, len(s.text))
	switch {
	case r.id == genericRule:
		end := s.closes(start)
		if end < 0 {
			return -1
		}
		to = min(end+3, len(s.text))
	case !v.fits(s.text, operator, start):
		return -1
	}
	m := v.expr.get().FindStringIndex(s.text[operator:to])
	if m == nil {
		return -1
	}
	return operator + m[1]
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

// closes is where a value of the generic rule ends that begins at a place, at a
// blank, a quotation mark or the like: one of at most 150 bytes, or one without
// signs; -1 if none does. Where runs end is kept: a value full of names is read once.
func (s *search) closes(at int) int {
	end := s.runEnd(0, at, &genericByte)
	if s.ends(end) && end-at <= 160 {
		return end
	}
	end = s.runEnd(1, at, &codeLetter)
	for n := 0; n < 3 && end < len(s.text) && s.text[end] == '='; n++ {
		end++
	}
	if s.ends(end) {
		return end
	}
	return -1
}

func (s *search) ends(at int) bool { return at == len(s.text) || closing[s.text[at]] }

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
	genericByte = func() byteSet {
		set := wordByte
		set['.'], set['='], set['-'] = true, true, true
		return set
	}()
	codeLetter = setOf(codeLetters)
	closing    = setOf("`'\"; \t\n\v\f\r\\")
)

// codeLetters are those of base64.
const codeLetters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/"
